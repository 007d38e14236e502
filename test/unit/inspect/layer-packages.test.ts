import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { layerPackages, packageIn } from '../../../src/inspect/layer-packages.js';
import { inPieces, layerBytes } from '../image/layer-bytes.js';

const SITE = 'usr/local/lib/python3.11/site-packages';
const read = async (entries: Parameters<typeof layerBytes>[0]) => layerPackages(inPieces(await layerBytes(entries)));

describe('a folder of an installed package', () => {
  const cases: readonly [folder: string, expected: string | undefined][] = [
    [`${SITE}/pandas-1.5.3.dist-info`, 'pandas 1.5.3'],
    ['site-packages/pandas-1.5.3.dist-info', 'pandas 1.5.3'],
    ['usr/lib/python3/dist-packages/six-1.16.0.dist-info', 'six 1.16.0'],
    ['opt/venv/Lib/site-packages/a-1.dist-info', 'a 1'],
    [`${SITE}/Kedro_MLflow-0.14.3.dist-info`, 'kedro-mlflow 0.14.3'],
    [`${SITE}/ruamel.yaml-0.18.dist-info`, 'ruamel-yaml 0.18'],
    [`${SITE}/torch-2.1.0+cu118.dist-info`, 'torch 2.1.0+cu118'],
    [`${SITE}/odd-1!2.0.post1.dev3.dist-info`, 'odd 1!2.0.post1.dev3'],
    // From before names were escaped.
    [`${SITE}/google-cloud-storage-2.0.dist-info`, 'google-cloud-storage 2.0'],
    ['opt/conda/lib/python3.11/site-packages/a-1.dist-info', 'a 1'],
    ['home/pkgs/site-packages/a-1.dist-info', 'a 1'],
    // Near misses.
    ['opt/conda/pkgs/a-1-py311_0/lib/python3.11/site-packages/a-1.dist-info', undefined],
    [`${SITE}/pip/_vendor/requests-2.0.dist-info`, undefined],
    [`${SITE}/setuptools/_vendor/site-packages/a-1.dist-info`, undefined],
    [`${SITE}/site-packages/a-1.dist-info`, undefined],
    [`${SITE}/~andas-1.5.3.dist-info`, undefined],
    [`${SITE}/pandas.dist-info`, undefined],
    [`${SITE}/-1.0.dist-info`, undefined],
    [`${SITE}/pandas-.dist-info`, undefined],
    [`${SITE}/pandas-one.dist-info`, undefined],
    [`${SITE}/pandas-1.0.egg-info`, undefined],
    [`${SITE}/pandas-1.0.dist-info.bak`, undefined],
    [`${SITE}/pandas-1.0 beta.dist-info`, undefined],
    [`${SITE}/pandas-1.0\u001b[31m.dist-info`, undefined],
    [`${SITE}2/pandas-1.0.dist-info`, undefined],
    ['my-site-packages/pandas-1.0.dist-info', undefined],
    ['app/pandas-1.0.dist-info', undefined],
    [SITE, undefined],
    ['', undefined],
  ];
  for (const [folder, expected] of cases) {
    it(`${JSON.stringify(folder)} is ${expected ?? 'none'}`, () => {
      const found = packageIn(folder);
      expect(found === undefined ? undefined : `${found.name} ${found.version}`).to.equal(expected);
    });
  }

  it('is told apart in no time, whatever it is called', () => {
    const start = performance.now();
    for (const part of ['a-', '1-', '-1', 'conda', 'a.', 'site-packages/'])
      packageIn(`${SITE}/${part.repeat(200_000)}.dist-info`);
    expect(performance.now() - start).to.be.lessThan(2000);
  });
});

describe('the packages in a layer', () => {
  it('are those with METADATA or RECORD, each once', async () => {
    const { packages } = await read({
      [`${SITE}/pandas-1.5.3.dist-info/METADATA`]: 'Name: pandas',
      [`${SITE}/pandas-1.5.3.dist-info/RECORD`]: '',
      [`./${SITE}/numpy-1.26.dist-info/RECORD`]: '',
      [`${SITE}/hardlinked-1.dist-info/METADATA`]: { type: 'link', linkname: 'x' },
      [`${SITE}/half-1.dist-info/entry_points.txt`]: '',
      [`${SITE}/half-2.dist-info/licenses/METADATA`]: '',
      [`${SITE}/half-3.dist-info/METADATA`]: { type: 'directory' },
      [`${SITE}/half-4.dist-info/METADATA.orig`]: '',
      [`${SITE}/half-5.dist-info/`]: { type: 'directory' },
      [`${SITE}/pip/_vendor/rich-13.dist-info/METADATA`]: '',
    });
    expect(packages).to.deep.equal(
      ['hardlinked-1', 'numpy-1.26', 'pandas-1.5.3'].map((name) => `${SITE}/${name}.dist-info`),
    );
  });

  it('are found in one that is compressed', async () => {
    const bytes = gzipSync(await layerBytes({ [`${SITE}/a-1.dist-info/RECORD`]: '' }));
    expect((await layerPackages(inPieces(bytes))).packages).to.deep.equal([`${SITE}/a-1.dist-info`]);
  });

  it('are taken away by whiteouts and by links, of which those are kept that may concern packages', async () => {
    const { deleted } = await read({
      [`${SITE}/.wh.pandas-1.5.3.dist-info`]: '',
      [`${SITE}/numpy-1.dist-info/.wh..wh..opq`]: '',
      [`${SITE}/.wh..wh..opq`]: '',
      'opt/.wh.venv': '',
      'srv/.wh..wh..opq': '',
      'usr/lib/python3/dist-packages': { type: 'symlink', linkname: 'elsewhere' },
      [`${SITE}/linked-1.dist-info`]: { type: 'symlink', linkname: 'elsewhere' },
      'usr/lib/python3.12/site-packages/': { type: 'directory' },
      [`${SITE}/.wh.pandas`]: '',
      [`${SITE}/pandas/core/.wh..wh..opq`]: '',
      [`${SITE}/numpy-1.dist-info/.wh.INSTALLER`]: '',
      [`${SITE}/pip/_vendor/.wh.rich-13.dist-info`]: '',
    });
    expect(deleted).to.deep.equal(
      [
        `${SITE}/pandas-1.5.3.dist-info`,
        `${SITE}/numpy-1.dist-info/`,
        `${SITE}/`,
        'opt/venv',
        'srv/',
        'usr/lib/python3/dist-packages',
        `${SITE}/linked-1.dist-info`,
      ].sort(),
    );
  });

  it('are not known of a layer that this Node.js cannot read', async function () {
    if (Number(process.versions.node.split('.')[0]) >= 22) this.skip();
    const { isUnread } = await layerPackages(inPieces(Buffer.from('28b52ffd00000000', 'hex')));
    expect(isUnread).to.equal(true);
  });

  it('are not known of a layer that names more than any image needs, so that nobody can fill the memory', async () => {
    const names = Array.from({ length: 1100 }, (_, at) => `${'long/'.repeat(800)}.wh.${at}`);
    const bytes = await layerBytes(Object.fromEntries(names.map((name) => [name, ''])));
    expect(await layerPackages(inPieces(bytes, 100_000))).to.deep.equal({ packages: [], deleted: [], isUnread: true });
  });

  it('hands on what is wrong with the bytes', async () => {
    const broken = layerPackages(inPieces(Buffer.alloc(2000, 'x')));
    expect(await broken.catch((error: unknown) => error)).to.have.property('code', 'image-not-found');
  });
});
