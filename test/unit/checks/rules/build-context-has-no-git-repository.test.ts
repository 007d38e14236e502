import { deflateSync } from 'node:zlib';
import { expect } from 'chai';
import { buildContextHasNoGitRepository } from '../../../../src/checks/rules/build-context-has-no-git-repository.js';
import { contextWith, findingsOf, remediesOf } from '../../../support/check-rule.js';

// In two parts, so that nobody's scanner takes this file for a leak.
const TOKEN = ['ghp', 'aB3'.repeat(12)].join('_');
const REMOTE = (url: string) => `[core]\n\tbare = false\n[remote "origin"]\n\turl = ${url}\n`;
const CLEAN = REMOTE('https://github.com/acme/demo.git');

const repository = (folder: string, config = CLEAN) => ({
  [`${folder}/HEAD`]: 'ref: refs/heads/main\n',
  [`${folder}/config`]: config,
  [`${folder}/refs/heads/main`]: `${'a'.repeat(40)}\n`,
  [`${folder}/objects/pack/pack-1.pack`]: 'PACK',
});
const wouldContain = (folder: string, what = 'Git repository') =>
  `warning: the image would contain the ${what} ${folder}: everything that was ever committed, deleted secrets included`;
const copying = (...lines: string[]) => ({ Dockerfile: ['FROM python:3.11', ...lines].join('\n') });

describe('build-context-has-no-git-repository', () => {
  it('is an error where a secret was committed and deleted, unless the history is excluded', async () => {
    const object = `.git/objects/0a/${'1b'.repeat(19)}`;
    const files = { ...repository('.git'), [object]: deflateSync(Buffer.from(`blob 40\0${TOKEN}`)) };
    expect(await findingsOf(buildContextHasNoGitRepository, { files })).to.deep.equal([
      `error ${object}: the image would contain the Git repository .git, and ${object} contains a GitHub token that was committed`,
    ]);
    const without = { ...files, '.dockerignore': '.git/objects\n' };
    expect(await findingsOf(buildContextHasNoGitRepository, { files: without })).to.deep.equal([]);
  });

  it('warns of .git, which kedro-docker’s own .dockerignore lets through, and offers to exclude it', async () => {
    const [finding, ...more] = await buildContextHasNoGitRepository.check(contextWith({ files: repository('.git') }));
    expect(more).to.deep.equal([]);
    expect(finding).to.deep.equal({
      severity: 'warning',
      message:
        'the image would contain the Git repository .git: everything that was ever committed, deleted secrets included',
      remedy: "kedro docker init && echo '.git' >> .dockerignore",
      fix: { kind: 'leave-out-of-image', ignoreFile: '.dockerignore', path: '.git' },
    });
  });

  describe('is one error where a secret is in plain text', () => {
    const secrets: [name: string, files: Record<string, string>, said: string][] = [
      [
        'a token in the remote’s address',
        repository('.git', REMOTE(`https://${TOKEN}@github.com/acme/demo.git`)),
        '.git/config contains a GitHub token',
      ],
      [
        'a password in the remote’s address',
        repository('.git', REMOTE('https://ada:s3cr3tpw@git.acme.com/demo.git')),
        '.git/config contains a URL with a password',
      ],
      [
        'the header that a CI service leaves',
        repository(
          '.git',
          `${CLEAN}[http "https://github.com/"]\n\textraheader = AUTHORIZATION: basic eHh4OmFiY2RlZmdoaWprbA==\n`,
        ),
        '.git/config contains an Authorization header',
      ],
      [
        'a submodule’s remote',
        { ...repository('.git'), '.git/modules/x/config': REMOTE('https://u:s3cr3tpw@h.example/x') },
        '.git/modules/x/config contains a URL with a password',
      ],
      [
        'a log of the clone',
        { ...repository('.git'), '.git/logs/HEAD': '0 1 A <a@b.c> 1 +0\tclone: from https://u:s3cr3tpw@h.example/x\n' },
        '.git/logs/HEAD contains a URL with a password',
      ],
      [
        'what was fetched last',
        { ...repository('.git'), '.git/FETCH_HEAD': "1\t\tbranch 'main' of https://u:s3cr3tpw@h.example/x\n" },
        '.git/FETCH_HEAD contains a URL with a password',
      ],
      [
        'a hook',
        { ...repository('.git'), '.git/hooks/pre-push': `curl -H 'x: ${TOKEN}'` },
        '.git/hooks/pre-push contains a GitHub token',
      ],
      [
        'a bare clone under any name',
        repository('vendor/mirror', REMOTE('https://u:s3cr3tpw@h.example/x')),
        'vendor/mirror/config contains a URL with a password',
      ],
    ];
    for (const [name, files, said] of secrets)
      it(name, async () => {
        const findings = await findingsOf(buildContextHasNoGitRepository, { files });
        expect(findings).to.have.length(1);
        expect(findings[0]).to.match(/^error \S+:\d+: the image would contain the Git repository /);
        expect(findings[0]?.endsWith(`, and ${said}`), findings[0]).to.equal(true);
        expect(findings[0]).not.to.contain('s3cr3tpw');
      });

    it('one of Mercurial', async () => {
      const files = {
        '.hg/hgrc': '[paths]\ndefault = https://u:s3cr3tpw@h.example/x\n',
        '.hg/store/00changelog.i': '',
      };
      expect(await findingsOf(buildContextHasNoGitRepository, { files })).to.deep.equal([
        'error .hg/hgrc:2: the image would contain the .hg repository .hg, and .hg/hgrc contains a URL with a password',
      ]);
    });
  });

  const found: [name: string, files: Record<string, string>, expected: string[]][] = [
    [
      'a Dockerfile that copies everything',
      { ...repository('.git'), ...copying('COPY . /app') },
      [wouldContain('.git')],
    ],
    [
      'one that copies .git alone',
      { ...repository('.git'), ...copying('COPY .git /app/.git') },
      [wouldContain('.git')],
    ],
    [
      'a stage that the image starts from',
      { ...repository('.git'), Dockerfile: 'FROM python:3.11 AS a\nCOPY . /app\nFROM a\n' },
      [wouldContain('.git')],
    ],
    [
      'a folder copied from another stage',
      {
        ...repository('.git'),
        Dockerfile: 'FROM python:3.11 AS a\nCOPY . /app\nFROM python:3.11\nCOPY --from=a /app /app\n',
      },
      [wouldContain('.git')],
    ],
    [
      'a RUN that deletes it too late',
      { ...repository('.git'), ...copying('COPY . /app', 'RUN rm -rf /app/.git') },
      [wouldContain('.git')],
    ],
    [
      'an exception of .dockerignore',
      { ...repository('.git'), '.dockerignore': '.*\n!.git\n' },
      [wouldContain('.git')],
    ],
    [
      'a pattern for the top folder only',
      { ...repository('libs/x/.git'), '.dockerignore': '.git\n' },
      [wouldContain('libs/x/.git')],
    ],
    [
      'branches that are named after secrets',
      { ...repository('.git'), '.git/refs/heads/secrets': 'a', '.git/logs/refs/heads/credentials': 'a' },
      [wouldContain('.git')],
    ],
    ['Subversion', { '.svn/wc.db': '', '.svn/pristine/0/a': '' }, [wouldContain('.svn', '.svn repository')]],
  ];
  for (const [name, files, expected] of found)
    it(`reports it with ${name}`, async () =>
      expect(await findingsOf(buildContextHasNoGitRepository, { files })).to.deep.equal(expected));

  const fine: [name: string, files: Record<string, string>][] = [
    ['no repository', { 'src/x.py': '' }],
    ['one that .dockerignore excludes', { ...repository('.git'), '.dockerignore': '.git\n' }],
    ['one that .dockerignore excludes at any depth', { ...repository('libs/x/.git'), '.dockerignore': '**/.git\n' }],
    ['one that a folder of all but some excludes', { ...repository('.git'), '.dockerignore': '*\n!src\n!conf\n' }],
    [
      'a Dockerfile that copies only some folders',
      { ...repository('.git'), ...copying('COPY src /app/src', 'COPY conf pyproject.toml /app/') },
    ],
    [
      'a stage that was only used',
      {
        ...repository('.git'),
        Dockerfile:
          'FROM python:3.11 AS a\nCOPY . /app\nRUN cd /app && git describe\nFROM python:3.11\nCOPY --from=a /app/src /app/src\nCOPY conf /app/conf\n',
      },
    ],
    [
      'a stage that deletes it before it is copied',
      {
        ...repository('.git'),
        Dockerfile:
          'FROM python:3.11 AS a\nCOPY . /app\nRUN rm -rf /app/.git /app/docs\nFROM python:3.11\nCOPY --from=a /app /app\n',
      },
    ],
    [
      'a few files of it that name the commit',
      { ...repository('.git'), '.dockerignore': '.git/*\n!.git/HEAD\n!.git/refs\n' },
    ],
    [
      'a work tree or submodule, whose .git is a file',
      { '.git': 'gitdir: /home/ada/.git/worktrees/x', 'libs/x/.git': 'gitdir: ../../.git/modules/x' },
    ],
    [
      'folders that only look like one',
      {
        'conf/HEAD': 'a',
        'conf/config': 'b',
        'src/objects/x.py': '',
        'src/.gitignore': '',
        '.github/workflows/x.yml': '',
      },
    ],
  ];
  for (const [name, files] of fine)
    it(`is content with ${name}`, async () =>
      expect(await findingsOf(buildContextHasNoGitRepository, { files })).to.deep.equal([]));

  describe('offers no fix where the build needs the repository', () => {
    const needing: [name: string, files: Record<string, string>][] = [
      ['git describe', copying('COPY . /app', 'RUN cd /app && git describe --tags > VERSION')],
      ['git in a list of words', copying('COPY . /app', 'RUN ["git", "-C", "/app", "rev-parse", "HEAD"]')],
      [
        'a mount of .git',
        copying('COPY . /app', 'RUN --mount=type=bind,source=.git,target=/app/.git pip install /app'),
      ],
      ['setuptools-scm', { 'pyproject.toml': '[build-system]\nrequires = ["setuptools>=64", "setuptools-scm>=8"]\n' }],
      ['hatch-vcs', { 'pyproject.toml': '[tool.hatch.version]\nsource = "vcs"\n' }],
    ];
    for (const [name, files] of needing)
      it(name, async () => {
        const given = { files: { ...repository('.git'), ...files } };
        const [finding] = await buildContextHasNoGitRepository.check(contextWith(given));
        expect(finding?.severity).to.equal('warning');
        expect(finding).not.to.have.property('fix');
        expect(finding?.remedy).to.match(/^the build asks Git about the project/);
      });

    it('and does so for a clone of something else', async () => {
      const files = {
        ...repository('.git'),
        ...copying('RUN apt-get install git && git --version && git clone https://h/x', 'COPY . /app'),
      };
      expect(await remediesOf(buildContextHasNoGitRepository, { files })).to.deep.equal([
        "kedro docker init && echo '.git' >> .dockerignore",
      ]);
    });
  });
});
