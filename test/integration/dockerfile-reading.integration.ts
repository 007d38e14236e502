import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { expect } from 'chai';

import { groupOfBareImage, userOfBareImage } from '../../src/project/dockerfile/bare-image.js';
import { readDockerfile } from '../../src/project/dockerfile/dockerfile.js';
import { expand } from '../../src/project/dockerfile/variables.js';
import { readBuildContext } from '../../src/project/dockerfile/dockerignore.js';
import { run } from '../support/environment/commands.js';
import { environment } from '../support/environment/mocha.js';
import { memorySource } from '../support/memory-source.js';

/** What Docker itself makes of the same files. */
describe('reading as docker build does', () => {
  let folder: string;
  const env = () => ({ ...environment().env, DOCKER_BUILDKIT: '0' });
  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'kdeploy-reading-'));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  const build = async (name: string, files: Record<string, string>): Promise<string> => {
    const context = path.join(folder, name);
    for (const [file, content] of Object.entries(files)) {
      await mkdir(path.dirname(path.join(context, file)), { recursive: true });
      await writeFile(path.join(context, file), content);
    }
    return (await run(['docker', 'build', '--quiet', context], { env: env() })).trim().split('\n').at(-1) ?? '';
  };

  const TREE = [
    'a',
    'b.md',
    'conf/base/x.yml',
    'conf/local/x.yml',
    'docs/b.md',
    'docs/deep/c.md',
    'src/a.py',
    'src/a.pyc',
  ];
  const ignores = [
    '*.md\n!docs',
    '**/*.md',
    'conf\n!conf/base/x.yml',
    '*\n!src/*.py',
    // Not `docs/**` with `!**/deep/*`: the classic client never enters docs/ then, while BuildKit brings the files back.
    'docs/**\n!docs/deep/*',
    '/src/\n ! src/a.py ',
    '# a\nsrc/a.py?\n[a-b]',
    '**.pyc\nconf/*/x.yml',
  ];
  for (const [index, ignore] of ignores.entries()) {
    it(`.dockerignore ${JSON.stringify(ignore)}`, async () => {
      const files = Object.fromEntries(TREE.map((file) => [file, file]));
      const Dockerfile = 'FROM scratch\nCOPY . /x/\nCMD ["x"]\n';
      const id = await build(`ignore-${index}`, { ...files, Dockerfile, '.dockerignore': ignore });
      const container = (await run(['docker', 'create', id], { env: env() })).trim();
      const list = await run(['sh', '-c', `docker export ${container} | tar -t`], { env: env() });
      await run(['docker', 'rm', container], { env: env() });
      const context = await readBuildContext(memorySource({ '.dockerignore': ignore }));
      const copied = list.split('\n').flatMap((line) => /^x\/(.*[^/])$/.exec(line)?.[1] ?? []);
      expect(copied.filter((file) => TREE.includes(file)).sort()).to.deep.equal(
        TREE.filter((file) => !context.isIgnored(file)).sort(),
      );
    });
  }

  it('variables of ENV', async () => {
    const words = [
      '$A',
      '${A}x',
      '${NONE:-d}',
      '${EMPTY:-d}',
      '${A:+s}',
      '${NONE:+s}',
      '\\$A',
      '"$A b"',
      "'$A'",
      '${NONE:-${A}}',
    ];
    const lines = words.map((word, index) => `LABEL l${index}=${word}`);
    const id = await build('variables', { Dockerfile: `FROM scratch\nENV A=value EMPTY=\n${lines.join('\n')}\n` });
    const labels = JSON.parse(
      await run(['docker', 'image', 'inspect', '--format', '{{json .Config.Labels}}', id], { env: env() }),
    ) as Record<string, string>;
    const variables = new Map([
      ['A', 'value'],
      ['EMPTY', ''],
    ]);
    expect(words.map((word) => expand(word, variables))).to.deep.equal(words.map((_, index) => labels[`l${index}`]));
  });

  describe('who can read what is in the home of root', () => {
    const commands = [
      'true',
      'chmod 755 /root',
      'chmod o+x /root',
      'chmod g+rx /root',
      'chmod -R a+rX /root',
      'chmod 0711 ~',
      'chmod -R 777 /root/.local',
      'chmod 755 /root/.local /root/.local/bin',
      'chmod u+x,go-w /root',
      'chown app /root',
      'chown -R app:app /root',
      'chown -R app:app /root/.local',
      'chown other /root',
      'chown :app /root',
      'cd / && chown app root',
      'find /root -type d -exec chmod 755 {} +',
      'find /root -type f -exec chmod 755 {} +',
    ];
    let output: string;
    before(async () => {
      // One container for all: each command runs in a subshell, and its changes are taken back.
      const each = commands.map(
        (command) =>
          `(${command}); if su app -c 'cat /root/.local/bin/kedro' >/dev/null 2>&1; then echo open; else echo closed; fi; ` +
          'chown -R root:root /root; chmod -R 755 /root; chmod 700 /root',
      );
      const start =
        'stat -c %a /root; useradd app; useradd other; mkdir -p /root/.local/bin; touch /root/.local/bin/kedro';
      const ids =
        'cut -d: -f1,3 /etc/passwd; echo; cut -d: -f1,3 /etc/group; echo; ' +
        'useradd -u 33 new 2>&1; echo "$?"; useradd backup 2>&1; echo "$?"; groupadd -g 20 new 2>&1; echo "$?"';
      const script = [start, ...each, ids].join('\n');
      output = await run(['docker', 'run', '--rm', environment().baseImage, 'sh', '-c', script], { env: env() });
    });

    it('is what chmod and chown really do', async () => {
      const [mode, ...states] = output
        .trim()
        .split('\n')
        .slice(0, commands.length + 1);
      expect(mode).to.equal('700');
      const read = commands.map(async (command) => {
        const lines = [
          'FROM python:3.11',
          'RUN useradd app',
          'RUN pip install --user kedro',
          `RUN ${command}`,
          'USER app',
        ];
        const dockerfile = await readDockerfile({
          source: memorySource({ Dockerfile: lines.join('\n') }),
          file: 'Dockerfile',
        });
        return `${command}: ${dockerfile?.closedPackages.length === 0 ? 'open' : 'closed'}`;
      });
      expect(await Promise.all(read)).to.deep.equal(
        commands.map((command, index) => `${command}: ${states[index] ?? ''}`),
      );
    });

    it('and which users and groups of Debian useradd and groupadd refuse', () => {
      const [users = '', groups = '', refusals = ''] = output
        .trim()
        .split('\n')
        .slice(commands.length + 1)
        .join('\n')
        .split('\n\n');
      expect(refusals.split('\n')).to.deep.equal([
        ...['useradd: UID 33 is not unique', '4', "useradd: user 'backup' already exists", '9'],
        ...["groupadd: GID '20' already exists", '4'],
      ]);
      const known = (text: string, of: (image: string, id: string) => string | undefined) =>
        text
          .split('\n')
          .map((line) => line.split(':'))
          .filter(([, id = '']) => of('python:3.11', id) !== undefined)
          .map(([name, id = '']) => [name, of('python:3.11', id)]);
      for (const found of [known(users, userOfBareImage), known(groups, groupOfBareImage)]) {
        expect(found.length).to.be.above(15);
        expect(found.filter(([name, judged]) => name !== judged)).to.deep.equal([]);
      }
      for (const id of ['33', '65534', '20'])
        expect([users, groups].map((text) => text.split('\n').some((line) => line.endsWith(`:${id}`)))).to.deep.equal([
          userOfBareImage('python:3.11', id) !== undefined,
          groupOfBareImage('python:3.11', id) !== undefined,
        ]);
    });
  });
});
