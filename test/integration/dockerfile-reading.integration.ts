import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { expect } from 'chai';

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
});
