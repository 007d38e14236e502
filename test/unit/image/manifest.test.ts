import { inspect } from 'node:util';
import { expect } from 'chai';
import { KdeployError } from '../../../src/errors.js';
import { digestOf } from '../../../src/image/digest.js';
import { MEDIA_TYPES, platformsOf, selectPlatform, type ImageIndex } from '../../../src/image/manifest.js';
import { parseImageConfig, parseManifest } from '../../../src/image/manifest-json.js';
import { formatPlatform, parsePlatform } from '../../../src/image/platform.js';

const descriptor = { mediaType: MEDIA_TYPES.ociConfig, digest: digestOf('config'), size: 6 };
const layer = { mediaType: MEDIA_TYPES.ociLayerGzip, digest: digestOf('layer'), size: 5 };
const manifest = { schemaVersion: 2, mediaType: MEDIA_TYPES.ociManifest, config: descriptor, layers: [layer] };

describe('a manifest', () => {
  it('is read whether it says its own type or the registry does', () => {
    for (const document of [manifest, { ...manifest, mediaType: undefined }]) {
      const parsed = parseManifest(JSON.stringify(document), MEDIA_TYPES.ociManifest, 'a.b/c');
      expect(parsed).to.deep.equal({
        kind: 'image',
        manifest: { mediaType: MEDIA_TYPES.ociManifest, config: descriptor, layers: [layer] },
      });
    }
  });

  it("follows the document's own type where a registry's header says otherwise", () => {
    expect(parseManifest(JSON.stringify(manifest), 'application/json', 'a.b/c').kind).to.equal('image');
  });

  const refused: [string, unknown, RegExp][] = [
    ['both an image and an index', { ...manifest, manifests: [] }, /has the unsupported type/],
    [
      'an index with layers',
      { schemaVersion: 2, mediaType: MEDIA_TYPES.ociIndex, manifests: [], layers: [] },
      /has the unsupported type/,
    ],
    ['schema 1', { schemaVersion: 1, mediaType: 'application/vnd.docker.distribution.manifest.v1+json' }, /schema 1/],
    ['another type', { schemaVersion: 2, mediaType: 'text/html' }, /"text\/html"/],
    ['no config', { ...manifest, config: undefined }, /an invalid descriptor/],
    ['no layers', { ...manifest, layers: undefined }, /has no list/],
    [
      'a digest that leads elsewhere',
      { ...manifest, config: { ...descriptor, digest: '../../../etc' } },
      /an invalid digest/,
    ],
    ['a negative size', { ...manifest, layers: [{ ...layer, size: -1 }] }, /an invalid size/],
    ['a size that is text', { ...manifest, layers: [{ ...layer, size: '5' }] }, /without media type, digest or size/],
    ['a list', [], /not a JSON document/],
  ];
  for (const [name, document, message] of refused) {
    it(`is refused when it is ${name}`, () => {
      expect(() => parseManifest(JSON.stringify(document), MEDIA_TYPES.ociManifest, 'a.b/c')).to.throw(
        KdeployError,
        message,
      );
    });
  }

  it('is refused when it is cut off, without quoting it', () => {
    const text = `{"annotations":{"secret":"hunter2-annotation"}`;
    try {
      parseManifest(text, MEDIA_TYPES.ociManifest, 'a.b/c');
      expect.fail('it was read');
    } catch (error) {
      expect(error)
        .to.be.instanceOf(KdeployError)
        .with.property('message', 'the manifest of a.b/c is not a JSON document');
      expect(inspect(error)).not.to.contain('hunter2');
    }
  });
});

describe('an index', () => {
  const entry = (name: string, platform?: { os: string; architecture: string; variant?: string }) => ({
    mediaType: MEDIA_TYPES.ociManifest,
    digest: digestOf(name),
    size: 1,
    ...(platform === undefined ? {} : { platform }),
  });
  const index = indexOf([
    entry('windows', { os: 'windows', architecture: 'amd64' }),
    entry('amd64', { os: 'linux', architecture: 'amd64' }),
    entry('arm64', { os: 'linux', architecture: 'arm64', variant: 'v8' }),
    entry('armv6', { os: 'linux', architecture: 'arm', variant: 'v6' }),
    entry('attestation', { os: 'unknown', architecture: 'unknown' }),
    entry('nameless'),
  ]);

  const table: [string, string | undefined][] = [
    ['linux/amd64', 'amd64'],
    ['linux/x86_64', 'amd64'],
    ['linux/amd64/v3', 'amd64'],
    ['windows/amd64', 'windows'],
    ['linux/arm64', 'arm64'],
    ['linux/arm64/v8', 'arm64'],
    ['linux/arm/v6', 'armv6'],
    ['linux/arm/v7', undefined],
    ['linux/s390x', undefined],
  ];
  for (const [platform, name] of table) {
    it(`has ${name ?? 'nothing'} for ${platform}`, () => {
      const selected = selectPlatform(index, parsePlatform(platform));
      expect(selected?.digest).to.equal(name === undefined ? undefined : digestOf(name));
    });
  }

  it('prefers the exact variant to one that would also run', () => {
    const both = indexOf([
      entry('plain', { os: 'linux', architecture: 'amd64' }),
      entry('v3', { os: 'linux', architecture: 'amd64', variant: 'v3' }),
    ]);
    expect(selectPlatform(both, parsePlatform('linux/amd64/v3'))?.digest).to.equal(digestOf('v3'));
    expect(selectPlatform(both, parsePlatform('linux/amd64'))?.digest).to.equal(digestOf('plain'));
  });

  it('lists the platforms that can run', () => {
    expect(platformsOf(index).map(formatPlatform)).to.deep.equal([
      'windows/amd64',
      'linux/amd64',
      'linux/arm64',
      'linux/arm/v6',
    ]);
  });

  function indexOf(manifests: unknown[]): ImageIndex {
    const text = JSON.stringify({ schemaVersion: 2, manifests });
    const parsed = parseManifest(text, MEDIA_TYPES.dockerIndex, 'a.b/c');
    if (parsed.kind !== 'index') throw new Error('not read as an index');
    return parsed.index;
  }
});

describe("an image's configuration", () => {
  it('is read with empty lists where it says nothing or null, as Docker writes it', () => {
    const text = JSON.stringify({
      architecture: 'amd64',
      os: 'linux',
      config: { Env: ['A=b'], Entrypoint: null, User: '' },
      rootfs: { type: 'layers', diff_ids: ['sha256:x'] },
      history: [{ created_by: 'hunter2' }],
    });
    expect(parseImageConfig(text, 'a.b/c')).to.deep.equal({
      architecture: 'amd64',
      os: 'linux',
      run: { env: ['A=b'], entrypoint: [], cmd: [], workingDirectory: '/', user: '', labels: {} },
      rootfs: { diffIds: ['sha256:x'] },
      history: [{ createdBy: 'hunter2', isEmpty: false }],
    });
  });

  it('is refused when it is the config of another artifact', () => {
    expect(() => parseImageConfig('{}', 'a.b/chart')).to.throw(KdeployError, 'has no platform');
    expect(() => parseImageConfig('[]', 'a.b/chart')).to.throw(KdeployError, 'not a JSON document');
  });
});
