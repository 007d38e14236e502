import { expect } from 'chai';
import { resolveFailure } from '../../../../../src/builders/layers/resolve/resolve-failure.js';
import { rememberSecret } from '../../../../../src/secrets/given-secrets.js';

const REQUIREMENTS = ['pandas', 'numpy', 'ruamel-yaml'].map((name, index) => ({
  name,
  place: { file: 'requirements.txt', line: index + 1 },
}));

const failure = (text: string) =>
  resolveFailure(
    { exitCode: 1, output: '', lines: text.split('\n') },
    { message: 'cannot be resolved', file: 'requirements.txt', requirements: REQUIREMENTS },
  );

const reason = (text: string): string => (failure(text).cause as Error).message;

describe('a failure of uv', () => {
  it('is in its own words, of the old drawing and of the new', () => {
    const old = [
      'warning: something else',
      '  × No solution found when resolving dependencies:',
      '  ╰─▶ Because pandas==2.1.0 depends on numpy>=1.23.2 and you require',
      '      pandas==2.1.0, we can conclude that you require numpy>=1.23.2.',
      '      And because you require numpy<1.20, we can conclude that your',
      '      requirements are unsatisfiable.',
    ].join('\n');
    const young = [
      'Using CPython 3.11.7 interpreter at: /usr/bin/python3',
      'error: No solution found when resolving dependencies',
      '  cause: Because pandas==2.1.0 depends on numpy>=1.23.2 and you require pandas==2.1.0, we can conclude that you require numpy>=1.23.2.',
      '         And because you require numpy<1.20, we can conclude that your requirements are unsatisfiable.',
    ].join('\n');
    const words =
      'Because pandas==2.1.0 depends on numpy>=1.23.2 and you require pandas==2.1.0, we can conclude that you require numpy>=1.23.2. And because you require numpy<1.20';
    expect(reason(old)).to.equal(words);
    expect(reason(young)).to.equal(words);
  });

  it('names the line of the package that it is about', () => {
    const text =
      'error: No solution found\n  cause: Because there is no version of ruamel.yaml==99 and numpy depends on it';
    expect(failure(text).place).to.deep.equal({ file: 'requirements.txt', line: 3 });
    expect(failure('error: Because numpy-extra was not found').place).to.deep.equal({ file: 'requirements.txt' });
  });

  for (const { what, text, code, hint } of [
    {
      what: 'a package that does not exist',
      text: 'error: x\n  cause: Because pandas was not found in the package registry and you require pandas',
      code: 'build-failed',
      hint: 'check its name and version in requirements.txt',
    },
    {
      what: 'an index that refuses',
      text: 'error: x\n  cause: Because pandas was not found in the package registry\n\nhint: An index URL (https://e) could not be queried due to a lack of valid authentication credentials (401 Unauthorized)',
      code: 'credentials',
      hint: '~/.netrc',
    },
    {
      what: 'an index that does not answer',
      text: 'error: Request failed after 3 retries\n  cause: Failed to fetch: https://e/pandas/\n  cause: error sending request for url (https://e/pandas/)\n  cause: dns error',
      code: 'registry-unreachable',
      hint: 'proxy',
    },
    {
      what: 'an old lock',
      text: 'error: The lockfile at `uv.lock` needs to be updated, but `--locked` was provided.\n\nhint: To update the lockfile, run `uv lock`.',
      code: 'configuration',
      hint: 'uv lock',
    },
    {
      what: 'no Python that the project allows',
      text: 'error: No interpreter found for Python >=3.14 in virtual environments, managed installations, or search path',
      code: 'tool-missing',
      hint: 'install one',
    },
    {
      what: 'no network, as asked',
      text: 'error: x\n  cause: Because pandas was not found in the cache\n\nhint: Packages were unavailable because the network was disabled.',
      code: 'build-failed',
      hint: 'UV_OFFLINE',
    },
    {
      what: 'a line that is none',
      text: "error: Couldn't parse requirement in `requirements.txt` at position 0\n  cause: no such comparison operator",
      code: 'configuration',
      hint: 'fix requirements.txt',
    },
    {
      what: 'a source that cannot be built',
      text: 'error: Failed to build `pandas==1.0`\n  cause: The build backend returned an error',
      code: 'build-failed',
      hint: 'has a wheel',
    },
    {
      what: 'anything else, with its own hint',
      text: 'error: something new\n\nhint: do this',
      code: 'build-failed',
      hint: 'do this',
    },
  ] as const) {
    it(`is ${code} for ${what}`, () => {
      const error = failure(text);
      expect(error.code).to.equal(code);
      expect(error.hint).to.contain(hint);
    });
  }

  it('has no secrets, is short, and is there even where uv says nothing', () => {
    rememberSecret('correct-horse-7');
    const error = failure(`error: https://ada:other@e/ correct-horse-7 ${'word '.repeat(500)}`);
    const shown = JSON.stringify([(error.cause as Error).message, error.output]);
    expect(shown).not.to.match(/correct-horse-7|other/);
    expect((error.cause as Error).message.length).to.be.lessThan(700);
    expect(reason('')).to.equal('uv ended with exit code 1');
  });
});
