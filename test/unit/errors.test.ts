import { expect } from 'chai';
import { EXIT_CODES, KdeployError, messageOf, systemCodeOf } from '../../src/errors.js';

describe('kdeploy’s own error', () => {
  it('has the exit code that its code is documented with', () => {
    expect(EXIT_CODES).to.deep.equal({
      findings: 1,
      usage: 2,
      'not-a-project': 2,
      configuration: 2,
      'image-not-found': 2,
      'image-unusable': 2,
      'tool-missing': 3,
      'engine-unreachable': 3,
      'registry-unreachable': 3,
      'index-unreachable': 3,
      'mlflow-unreachable': 3,
      credentials: 3,
      unfinished: 3,
      'build-failed': 4,
      'bake-failed': 4,
      'self-test-failed': 4,
      'container-failed': 4,
      'push-failed': 5,
      'push-refused': 5,
      interrupted: 130,
    });
    expect(new KdeployError('push-failed', 'x').exitCode).to.equal(5);
  });

  it('can pass on what a container returned', () => {
    expect(new KdeployError('container-failed', 'x', { exitCode: 78 }).exitCode).to.equal(78);
    expect(new KdeployError('container-failed', 'x', { exitCode: 0 }).exitCode).to.equal(0);
  });

  it('has nothing but a code and a message when nothing else is known', () => {
    const error = new KdeployError('usage', 'x');
    expect(error).to.be.instanceOf(Error);
    expect([error.name, error.hint, error.place, error.output, error.findings]).to.deep.equal([
      'KdeployError',
      undefined,
      undefined,
      [],
      [],
    ]);
    expect(Object.hasOwn(error, 'cause')).to.equal(false);
  });

  it('keeps its cause, also one that is no error', () => {
    expect(new KdeployError('usage', 'x', { cause: 'text' }).cause).to.equal('text');
  });
});

describe('the words of an unknown error', () => {
  it('are its message, or itself as text', () => {
    expect([messageOf(new TypeError('a')), messageOf('b'), messageOf(undefined), messageOf(3)]).to.deep.equal([
      'a',
      'b',
      'undefined',
      '3',
    ]);
  });
});

describe('the system code of an error', () => {
  const refused = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
  const cases: readonly [what: string, error: unknown, code: string | undefined][] = [
    ['its own', refused, 'ECONNREFUSED'],
    [
      'that of what caused it',
      new Error('fetch failed', { cause: new Error('x', { cause: refused }) }),
      'ECONNREFUSED',
    ],
    [
      'that of the first of several addresses',
      new Error('x', { cause: new AggregateError([refused]) }),
      'ECONNREFUSED',
    ],
    ['none where there is none', new Error('x', { cause: 'ECONNREFUSED' }), undefined],
    ['none of several without', new AggregateError([new Error('x')]), undefined],
    ['none of nothing', new AggregateError([]), undefined],
    ['not a number', Object.assign(new Error('x'), { code: 404 }), undefined],
    ['none of a value that is not an error', { code: 'ENOENT' }, undefined],
  ];
  for (const [what, error, code] of cases) {
    it(`is ${what}`, () => {
      expect(systemCodeOf(error)).to.equal(code);
    });
  }
});
