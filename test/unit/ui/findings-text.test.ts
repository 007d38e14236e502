import { stripVTControlCharacters } from 'node:util';
import { expect } from 'chai';
import type { Finding } from '../../../src/finding.js';
import { findingsText, summaryText } from '../../../src/ui/findings-text.js';

const placeless: Finding = {
  rule: 'tracking-uri-usable',
  severity: 'error',
  message: 'the tracking URI is the container itself',
  remedy: 'name the server: https://mlflow.example.com',
};

const finding = (changes: Partial<Finding> = {}): Finding => ({
  ...placeless,
  place: { file: 'conf/local/mlflow.yml', line: 12 },
  ...changes,
});
describe('findings as text', () => {
  it('stand as a compiler prints them, with what to do below', () => {
    expect(
      findingsText([finding(), finding({ severity: 'warning', place: { file: 'Dockerfile' } }), placeless]),
    ).to.equal(
      `conf/local/mlflow.yml:12: error: the tracking URI is the container itself [tracking-uri-usable]
    next: name the server: https://mlflow.example.com
Dockerfile: warning: the tracking URI is the container itself [tracking-uri-usable]
    next: name the server: https://mlflow.example.com
error: the tracking URI is the container itself [tracking-uri-usable]
    next: name the server: https://mlflow.example.com`,
    );
  });

  it('are nothing when there are none', () => {
    expect(findingsText([])).to.equal('');
  });
});

describe('findings on a terminal', () => {
  it('show the severity in colour, and say the same', () => {
    const text = findingsText([finding()], { colours: true });
    expect(text).to.contain('\u001B[31merror\u001B[39m');
    expect(stripVTControlCharacters(text)).to.equal(findingsText([finding()]));
  });

  it('cannot be repainted by what a project’s files are called or say', () => {
    const hostile = finding({ message: 'a\u001B[2Jb\r\nc', remedy: 'echo \u009Bx', place: { file: 'd\u0007' } });
    expect(findingsText([hostile])).to.equal(
      'd\\x07: error: a\\x1b[2Jb\\x0d c [tracking-uri-usable]\n    next: echo \\x9bx',
    );
  });
});

describe('findings as a number', () => {
  const severities = (...all: Finding['severity'][]) => all.map((severity) => finding({ severity }));
  const cases: readonly [findings: Finding[], text: string][] = [
    [[], 'no problems'],
    [severities('info'), 'no problems, 1 note'],
    [severities('error'), '1 error'],
    [severities('error', 'error'), '2 errors'],
    [severities('warning'), '1 warning'],
    [severities('warning', 'error', 'info', 'warning'), '1 error, 2 warnings, 1 note'],
  ];
  for (const [findings, text] of cases) {
    it(`are ${text}`, () => {
      expect(summaryText(findings)).to.equal(text);
    });
  }
});
