import { expect } from 'chai';
import { installedLayers, selfTestKey, type SelfTestSubject } from '../../../src/bake/self-test-key.js';
import { memorySource } from '../../support/memory-source.js';

const FILES = { 'pyproject.toml': 'a', '.dockerignore': 'b', 'conf/base/catalog.yml': 'c', 'src/nodes.py': 'd' };
const HISTORY = [
  { createdBy: 'CMD ["kedro" "run"]', size: 0 },
  { createdBy: 'COPY --chown=999:0 . . # buildkit', size: 50 },
  { createdBy: 'RUN |1 KEDRO_UID=999 /bin/sh -c pip install # buildkit', size: 900 },
  { createdBy: 'COPY requirements.txt /tmp/ # buildkit', size: 1 },
  { createdBy: '/bin/sh -c #(nop) ADD file:abc in / ', size: 70 },
];
const LAYERS = ['sha256:base', 'sha256:requirements', 'sha256:packages', 'sha256:project'];

const subject = (changes: Partial<SelfTestSubject> = {}): SelfTestSubject => ({
  source: memorySource(FILES),
  confSource: 'conf',
  installed: installedLayers(LAYERS, HISTORY),
  planDigest: 'sha256:plan',
  ...changes,
});

describe('the key of a self-test', () => {
  const of = (changes: Partial<SelfTestSubject> = {}) => selfTestKey(subject(changes));
  const withFiles = (files: Readonly<Record<string, string>>) => of({ source: memorySource({ ...FILES, ...files }) });

  it('stays when a node changes, which is the point of it', async () => {
    const key = await of();
    expect(key).to.match(/^[0-9a-f]{64}$/);
    expect(await of({ installed: installedLayers([...LAYERS.slice(0, 3), 'sha256:other project'], HISTORY) })).to.equal(
      key,
    );
    expect(await withFiles({ 'src/nodes.py': 'other' })).to.equal(key);
  });

  const changes: readonly [what: string, key: () => Promise<string>][] = [
    ['the packages', () => of({ installed: [...LAYERS.slice(0, 2), 'sha256:other'] })],
    ['the base image', () => of({ installed: ['sha256:other', ...LAYERS.slice(1, 3)] })],
    ['the plan', () => of({ planDigest: 'sha256:other' })],
    ['a file of conf/', () => withFiles({ 'conf/base/catalog.yml': 'other' })],
    ['a new file in conf/', () => withFiles({ 'conf/local/mlflow.yml': '' })],
    ['pyproject.toml', () => withFiles({ 'pyproject.toml': 'other' })],
    ['.dockerignore', () => withFiles({ '.dockerignore': 'other' })],
  ];
  for (const [what, key] of changes) {
    it(`changes with ${what}`, async () => {
      expect(await key()).not.to.equal(await of());
    });
  }

  it('does not take one file’s end for the next one’s beginning', async () => {
    const one = memorySource({ 'conf/a': 'x', 'conf/b': 'yz' });
    const other = memorySource({ 'conf/a': 'xy', 'conf/b': 'z' });
    expect(await of({ source: one })).not.to.equal(await of({ source: other }));
  });

  it('is another one with other configuration in the folder that settings.py names', async () => {
    const inFolder = (text: string) =>
      of({ source: memorySource({ ...FILES, 'configuration/base/mlflow.yml': text }), confSource: 'configuration' });
    expect(await inFolder('a: 1')).not.to.equal(await inFolder('a: 2'));
  });
});

describe('the layers that were installed', () => {
  const copy = (size = 1) => ({ createdBy: 'COPY . . # buildkit', size });
  const run = { createdBy: 'RUN /bin/sh -c pip install # buildkit', size: 1 };
  const cases: readonly [what: string, history: { createdBy: string; size: number }[], kept: number][] = [
    ['are all but what was copied last', [copy(), run], 3],
    [
      'are all but everything that was copied after the last command',
      [copy(), { createdBy: 'WORKDIR /x', size: 0 }, copy(), run],
      2,
    ],
    ['are all, when a command came last', [run, copy()], 4],
    ['are known from the classic builder too', [{ createdBy: '/bin/sh -c #(nop) COPY dir:ab in . ', size: 2 }, run], 3],
    ['do not mistake a command for a copy', [{ createdBy: '/bin/sh -c COPY=1 make', size: 2 }], 4],
    ['do not mistake a command that copies for a COPY', [{ createdBy: '/bin/sh -c cp -r a b', size: 2 }], 4],
    ['are all, without a history', [], 4],
  ];
  for (const [what, history, kept] of cases) {
    it(what, () => {
      expect(installedLayers(LAYERS, history)).to.deep.equal(LAYERS.slice(0, kept));
    });
  }
});
