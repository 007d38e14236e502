import { expect } from 'chai';
import { ConfigurationError } from '../../../src/config/settings/problem.js';
import { KdeployError } from '../../../src/errors.js';
import { errorJson, errorText } from '../../../src/ui/error-text.js';

const text = (error: unknown): string => errorText(error, { verbose: false });

describe('an error as the user reads it', () => {
  it('says what failed, why, what the tool said last, and what to do next', () => {
    const error = new KdeployError('build-failed', 'the image could not be built', {
      cause: new Error('returned a non-zero code: 1'),
      output: ['Collecting kedro', 'ERROR: no such version'],
      hint: 'fix the requirements',
    });
    expect(text(error)).to.equal(`Error: the image could not be built
  why: returned a non-zero code: 1
  last lines of its output:
  | Collecting kedro
  | ERROR: no such version
  next: fix the requirements`);
  });

  it('is one line when there is nothing more to say', () => {
    expect(text(new KdeployError('usage', 'x is wrong'))).to.equal('Error: x is wrong');
  });

  it('begins with its place, once', () => {
    const place = { file: 'conf/base/kdeploy.yml', line: 7 };
    expect(text(new KdeployError('configuration', 'unknown key', { place }))).to.equal(
      'Error: conf/base/kdeploy.yml:7: unknown key',
    );
    expect(text(new KdeployError('configuration', 'conf/base/kdeploy.yml:7: unknown key', { place }))).to.equal(
      'Error: conf/base/kdeploy.yml:7: unknown key',
    );
  });

  it('shows the findings that it stands for above', () => {
    const findings = [{ rule: 'kedro-project', severity: 'error', message: 'no project', remedy: 'make one' }] as const;
    expect(text(new KdeployError('findings', 'not built', { findings }))).to.equal(
      'error: no project [kedro-project]\n    next: make one\nError: not built',
    );
  });

  const refused = new Error('connect ECONNREFUSED 127.0.0.1:5000');
  const reasons: readonly [what: string, cause: unknown, why: string | undefined][] = [
    [
      'the deepest cause: fetch keeps its own in it',
      new TypeError('fetch failed', { cause: refused }),
      refused.message,
    ],
    [
      'that of the first of several addresses, whose common error has no words',
      new TypeError('fetch failed', { cause: new AggregateError([refused, new Error('::1')]) }),
      refused.message,
    ],
    ['that of an error without words in its cause', new Error('read failed', { cause: new Error('') }), 'read failed'],
    ['nothing, where the message says it already', new Error('is wrong'), undefined],
    ['nothing, where the cause has no words', new Error(''), undefined],
    ['a cause that is no error', 'exit code 3', 'exit code 3'],
    ['without white space at its ends', new Error(' a \n'), 'a'],
  ];
  for (const [what, cause, why] of reasons) {
    it(`gives as the reason ${what}`, () => {
      const expected = why === undefined ? 'Error: x is wrong' : `Error: x is wrong\n  why: ${why}`;
      expect(text(new KdeployError('usage', 'x is wrong', { cause }))).to.equal(expected);
    });
  }

  it('has stacks only with --verbose, all the way down', () => {
    const error = new KdeployError('usage', 'x', { cause: new Error('outer', { cause: new Error('inner') }) });
    expect(text(error)).not.to.contain('    at ');
    const verbose = errorText(error, { verbose: true });
    expect(verbose).to.match(/KdeployError: x\n {4}at [\s\S]*Error: outer\n {4}at [\s\S]*Error: inner\n {4}at /);
  });

  it('calls a bug a bug, with what a report needs', () => {
    const bug = new TypeError('x is not a function');
    expect(text(bug)).to.equal(
      [
        'Error: unexpected error: x is not a function',
        '  next: this is a bug in kdeploy; please report it with the lines below',
        bug.stack,
      ].join('\n'),
    );
    expect(text('thrown text')).to.match(/^Error: .*: thrown text\n.*\nthrown text$/);
  });
});

describe('an error as data', () => {
  it('has stable keys, and no stack', () => {
    const error = new KdeployError('self-test-failed', 'the image would not log', {
      cause: new Error('why'),
      hint: 'next',
      place: { file: 'a', line: 1 },
      output: ['last'],
      findings: [{ rule: 'r', severity: 'warning', message: 'm', remedy: 'x' }],
    });
    expect(errorJson(error)).to.deep.equal({
      version: 1,
      error: {
        code: 'self-test-failed',
        message: 'the image would not log',
        exitCode: 4,
        reason: 'why',
        hint: 'next',
        place: { file: 'a', line: 1 },
        output: ['last'],
        findings: [{ rule: 'r', severity: 'warning', message: 'm', remedy: 'x' }],
      },
    });
    expect(JSON.stringify(errorJson(error))).not.to.contain('error-text.test');
  });

  it('leaves out what there is nothing to say about', () => {
    expect(errorJson(new KdeployError('usage', 'x'))).to.deep.equal({
      version: 1,
      error: { code: 'usage', message: 'x', exitCode: 2 },
    });
    expect(errorJson(new TypeError('x'))).to.deep.equal({
      version: 1,
      error: { code: 'unexpected', message: 'x', exitCode: 1 },
    });
  });

  it('has every problem of a configuration', () => {
    const problems = [{ where: 'kdeploy.yml:1', key: 'imge', message: 'unknown key' }] as const;
    expect(errorJson(new ConfigurationError(problems))).to.have.deep.nested.property('error.problems', problems);
  });
});
