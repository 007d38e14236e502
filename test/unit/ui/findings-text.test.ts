import { expect } from 'chai';
import type { Finding } from '../../../src/checks/finding.js';
import { findingsText, githubAnnotations, summaryText } from '../../../src/ui/findings-text.js';

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
    expect([findingsText([]), githubAnnotations([])]).to.deep.equal(['', '']);
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

describe('findings as GitHub’s annotations', () => {
  it('name file, line and rule', () => {
    expect(githubAnnotations([finding()])).to.equal(
      '::error file=conf/local/mlflow.yml,line=12,title=kdeploy%3A tracking-uri-usable::' +
        'the tracking URI is the container itself. Next: name the server: https://mlflow.example.com',
    );
  });

  for (const [severity, command] of [
    ['error', 'error'],
    ['warning', 'warning'],
    ['info', 'notice'],
  ] as const) {
    it(`are a ${command} for ${severity}`, () => {
      expect(githubAnnotations([finding({ severity })])).to.match(new RegExp(`^::${command} file=`));
    });
  }

  it('name only what is known of the place', () => {
    expect(githubAnnotations([placeless])).to.match(/^::error title=kdeploy%3A/);
    expect(githubAnnotations([finding({ place: { file: 'a' } })])).to.match(/^::error file=a,title=/);
  });

  it('cannot be broken out of by what a project’s files are called or say', () => {
    const annotation = githubAnnotations([
      finding({ place: { file: 'a,line=9::b%\r\n::set-output', line: 1 }, message: 'x\n::error::injected 100%' }),
    ]);
    expect(annotation.split('\n')).to.have.lengthOf(1);
    expect(annotation).to.match(/^::error file=a%2Cline=9%3A%3Ab%25%0D%0A%3A%3Aset-output,line=1,title=/);
    expect(annotation).to.contain('::x%0A::error::injected 100%25. Next: ');
  });

  it('are one line each', () => {
    expect(githubAnnotations([finding(), finding()]).split('\n')).to.have.lengthOf(2);
  });
});
