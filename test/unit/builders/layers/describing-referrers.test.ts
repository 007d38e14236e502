import { expect } from 'chai';
import { describingReferrers } from '../../../../src/builders/layers/describing-referrers.js';
import type { MadeImage } from '../../../../src/builders/layers/make-image.js';
import type { LockedPackage } from '../../../../src/builders/layers/resolve/locked-package.js';
import type { ShippedWheel } from '../../../../src/builders/layers/wheel-reader.js';
import { digestOf } from '../../../../src/image/digest.js';
import type { Image } from '../../../../src/image/image.js';
import { OCI_LABELS } from '../../../../src/image/labels.js';
import { MEDIA_TYPES } from '../../../../src/image/manifest.js';
import { NOT_PUBLIC } from '../../supply-chain/sample.js';
import { DEBIAN_FACTS } from './base/facts.js';

const COMMIT = '0123456789abcdef0123456789abcdef01234567';
const CREATED = '2026-11-02T03:04:05.000Z';
const remote = { sha256: undefined, size: undefined, isDirect: false } as const;

const LOCKED: readonly LockedPackage[] = [
  {
    ...{ name: 'kedro', version: '1.7.0' },
    artifact: {
      ...{ kind: 'wheel', filename: 'kedro-1.7.0-py3-none-any.whl', ...remote },
      url: 'https://files.pythonhosted.org/packages/aa/kedro-1.7.0-py3-none-any.whl',
    },
  },
  {
    ...{ name: 'from-sdist', version: '2.0' },
    artifact: {
      ...{ kind: 'archive', filename: 'from_sdist-2.0.tar.gz', ...remote },
      url: 'https://dl.example.com/t0k3n/from_sdist-2.0.tar.gz',
    },
  },
  {
    ...{ name: 'from-git', version: undefined },
    artifact: { kind: 'git', url: 'https://ada:hunter2@git.example.com/acme/from-git.git', commit: COMMIT },
  },
  { name: 'from-folder', version: undefined, artifact: { kind: 'folder', path: '/home/ada/from-folder' } },
];

const shipped = (
  name: string,
  version: string,
  filename = `${name.replaceAll('-', '_')}-${version}-py3-none-any.whl`,
): ShippedWheel => ({
  ...{ name, version, filename, sha256: name.length.toString(16).repeat(64).slice(0, 64), size: 1 },
  directUrl: undefined,
});

const WHEELS = [
  shipped('kedro', '1.7.0'),
  shipped('from-sdist', '2.0', 'from_sdist-2.0-py3-none-any.whl'),
  shipped('from-git', '3.0'),
  shipped('from-folder', '4.0'),
];

const made = (change: object = {}): MadeImage =>
  ({
    ...{ baseName: 'docker.io/library/python:3.11-slim', facts: DEBIAN_FACTS },
    base: { image: { manifest: { digest: digestOf('base') } } },
    packages: { wheels: WHEELS, compiledBy: ['3.11.2'] },
    resolution: { packages: LOCKED },
    ...change,
  }) as unknown as MadeImage;

const image = (labels: Readonly<Record<string, string>>): Image =>
  ({
    config: { value: { run: { labels }, created: CREATED } },
    manifest: { digest: digestOf('image'), mediaType: MEDIA_TYPES.ociManifest, bytes: Buffer.from('{}') },
  }) as unknown as Image;

type Options = Parameters<typeof describingReferrers>[0];
const options = (name?: string): Options =>
  ({
    ...{ env: 'prod', kdeployVersion: '0.1.0' },
    model: { project: { name: 'spaceflights', projectVersion: '0.3' } },
    settings: { image: { name, platform: 'linux/amd64' } },
  }) as unknown as Options;

async function documents(
  labels: Readonly<Record<string, string>> = {},
  { name = 'registry.example.com/team/app', ...change }: { readonly name?: string; readonly packages?: object } = {},
) {
  const referrers = await describingReferrers(options(name), made(change), image(labels));
  const texts = await Promise.all(
    referrers.map(async ({ tree }) => {
      const chunks: Uint8Array[] = [];
      for await (const chunk of tree.blobs.at(-1)!.open()) chunks.push(chunk);
      return Buffer.concat(chunks).toString();
    }),
  );
  return { referrers, texts, sbom: JSON.parse(texts[0]!) as Sbom, provenance: JSON.parse(texts[1]!) as Provenance };
}

interface Sbom {
  readonly components: readonly { readonly name: string; readonly purl?: string; readonly version?: string }[];
}
interface Provenance {
  readonly predicate: {
    readonly buildDefinition: {
      readonly externalParameters: object;
      readonly internalParameters: object;
      readonly resolvedDependencies: readonly { readonly name: string; readonly digest?: object }[];
    };
  };
}

describe('what describes an image of the builder layers', () => {
  it('is its SBOM and its provenance, of exactly this image', async () => {
    const { referrers } = await documents();
    expect(referrers.map(({ title }) => title)).to.deep.equal(['the SBOM', 'the provenance']);
    for (const { tree } of referrers) {
      const { subject } = JSON.parse(tree.document.bytes.toString()) as { subject: object };
      expect(subject).to.deep.equal({ mediaType: MEDIA_TYPES.ociManifest, digest: digestOf('image'), size: 2 });
    }
  });

  it('names each package by where it comes from: a repository with its commit', async () => {
    const { sbom } = await documents();
    const purls = Object.fromEntries(sbom.components.map(({ name, purl }) => [name, purl]));
    expect(purls.kedro).to.equal('pkg:pypi/kedro@1.7.0');
    expect(purls['from-sdist']).to.equal('pkg:pypi/from-sdist@2.0');
    expect(decodeURIComponent(purls['from-git'] ?? '')).to.equal(
      `pkg:pypi/from-git@3.0?vcs_url=git+https://git.example.com/acme/from-git.git@${COMMIT}`,
    );
    expect(purls['from-folder']).to.equal('pkg:pypi/from-folder@4.0');
  });

  it('names the wheels as they were locked or built', async () => {
    const { resolvedDependencies } = (await documents()).provenance.predicate.buildDefinition;
    expect(resolvedDependencies.map(({ name }) => name).filter((name) => name.endsWith('.whl'))).to.have.members([
      ...['kedro-1.7.0-py3-none-any.whl', 'from_sdist-2.0-py3-none-any.whl'],
      ...['from_git-3.0-py3-none-any.whl', 'from_folder-4.0-py3-none-any.whl'],
    ]);
  });

  it('has no password, token or place of this machine', async () => {
    for (const text of (await documents()).texts) expect(text).to.not.match(NOT_PUBLIC);
  });

  for (const [revision, isDirty] of [
    [COMMIT, false],
    [`${COMMIT}-dirty`, true],
  ] as const)
    it(`names the commit${isDirty ? ' and that there were changes' : ''}`, async () => {
      const labels = { [OCI_LABELS.revision]: revision, [OCI_LABELS.source]: 'https://git.example.com/acme/app.git' };
      const { resolvedDependencies } = (await documents(labels)).provenance.predicate.buildDefinition;
      expect(resolvedDependencies.find(({ name }) => name === 'source')).to.deep.equal({
        ...{ name: 'source', uri: 'git+https://git.example.com/acme/app.git', digest: { gitCommit: COMMIT } },
        ...(isDirty && { annotations: { uncommittedChanges: true } }),
      });
    });

  it('names no source without a commit, and whether bytecode was compiled', async () => {
    const one = (await documents()).provenance.predicate.buildDefinition;
    expect(one.resolvedDependencies.some(({ name }) => name === 'source')).to.equal(false);
    expect(one.externalParameters).to.include({ builder: 'layers', env: 'prod', platform: 'linux/amd64' });
    expect(one.internalParameters).to.deep.equal({ bytecode: '3.11.2', python: '3.11.2' });
    const other = (await documents({}, { packages: { wheels: WHEELS, compiledBy: [] } })).provenance.predicate
      .buildDefinition;
    expect(other.internalParameters).to.deep.equal({ bytecode: false, python: '3.11.2' });
  });

  it('is the same for the same image', async () => {
    expect((await documents()).texts).to.deep.equal((await documents()).texts);
  });
});
