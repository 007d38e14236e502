import { expect } from 'chai';
import { buildContextHasNoGitRepository } from '../../../../src/checks/rules/build-context-has-no-git-repository.js';
import { contextWith, findingsOf, remediesOf } from '../../../support/check-rule.js';

const REPOSITORY = {
  '.git/HEAD': 'ref: refs/heads/main\n',
  '.git/config': '[core]\n\tbare = false\n',
  '.git/objects/pack/pack-1.pack': 'PACK',
  '.git/refs/heads/main': 'abc\n',
};
const FOUND = 'warning .git: .git is copied into the image, so everything that was ever committed can be read from it';

describe('build-context-has-no-git-repository', () => {
  it('reports the one that kedro-docker’s .dockerignore lets through, with a fix', async () => {
    const given = { files: REPOSITORY };
    expect(await findingsOf(buildContextHasNoGitRepository, given)).to.deep.equal([FOUND]);
    expect(await remediesOf(buildContextHasNoGitRepository, given)).to.deep.equal(["echo '.git' >> .dockerignore"]);
    const [finding] = await buildContextHasNoGitRepository.check(contextWith(given));
    expect(finding?.fix).to.deep.equal({ kind: 'leave-out-of-image', ignoreFile: '.dockerignore', path: '.git' });
  });

  it('finds a repository by what is in it, whatever its name', async () => {
    const files = Object.fromEntries(
      Object.entries(REPOSITORY).map(([path, text]) => [path.replace('.git/', 'vendor/mirror/'), text]),
    );
    expect((await findingsOf(buildContextHasNoGitRepository, { files }))[0]).to.contain('vendor/mirror is copied');
  });

  const fine: [name: string, files: Record<string, string>][] = [
    ['one that .dockerignore leaves out', { ...REPOSITORY, '.dockerignore': '.git\n' }],
    ['one that .dockerignore leaves out at any depth', { ...REPOSITORY, '.dockerignore': '**/.git\n' }],
    ['a work tree or submodule, whose .git is a file', { '.git': 'gitdir: /elsewhere/.git/worktrees/x\n' }],
    ['a folder that only has a HEAD', { 'docs/HEAD': 'x', 'docs/config': 'y' }],
    [
      'one that no COPY takes along',
      { ...REPOSITORY, Dockerfile: 'FROM python:3.11\nCOPY src pyproject.toml /app/\n' },
    ],
    [
      'one that only a build stage has',
      {
        ...REPOSITORY,
        Dockerfile:
          'FROM python:3.11 AS build\nCOPY . /src\nRUN python -m build /src\nFROM python:3.11\nCOPY --from=build /src/dist /dist\n',
      },
    ],
  ];
  for (const [name, files] of fine)
    it(`is content with ${name}`, async () =>
      expect(await findingsOf(buildContextHasNoGitRepository, { files })).to.deep.equal([]));

  it('reports one that reaches the image from a build stage', async () => {
    const Dockerfile = 'FROM python:3.11 AS build\nCOPY . /src\nFROM python:3.11\nCOPY --from=build /src /app\n';
    expect(await findingsOf(buildContextHasNoGitRepository, { files: { ...REPOSITORY, Dockerfile } })).to.deep.equal([
      FOUND,
    ]);
  });

  it('offers no fix where the Dockerfile asks git for the version', async () => {
    const Dockerfile = 'FROM python:3.11\nCOPY . /app\nRUN cd /app && git describe --tags > version\n';
    const [finding] = await buildContextHasNoGitRepository.check(contextWith({ files: { ...REPOSITORY, Dockerfile } }));
    expect(finding?.fix).to.equal(undefined);
    expect(finding?.remedy).to.contain('in a build stage of its own');
  });
});
