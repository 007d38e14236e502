import { expect } from 'chai';
import { KdeployError } from '../../../src/errors.js';
import { MEDIA_TYPES } from '../../../src/image/manifest.js';
import { parseImageConfig, parseManifest } from '../../../src/image/manifest-json.js';

const DIGEST = `sha256:${'a'.repeat(64)}`;
const LAYER = { mediaType: MEDIA_TYPES.ociLayerGzip, digest: DIGEST, size: 2 };
const MANIFEST = { schemaVersion: 2, config: { ...LAYER, mediaType: MEDIA_TYPES.ociConfig }, layers: [LAYER] };

function refused(read: () => unknown): KdeployError {
  try {
    read();
  } catch (error) {
    if (error instanceof KdeployError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

const manifest = (document: unknown, type: string = MEDIA_TYPES.ociManifest) =>
  parseManifest(JSON.stringify(document), type, 'app:v1');
const config = (document: object) =>
  parseImageConfig(Buffer.from(JSON.stringify({ os: 'linux', architecture: 'amd64', ...document })), 'app:v1');

describe('a manifest', () => {
  it('is read with its annotations, and without those that are no text', () => {
    const parsed = manifest({
      ...MANIFEST,
      annotations: { a: 'b', c: 1 },
      layers: [{ ...LAYER, annotations: { d: 'e' } }],
    });
    expect(parsed).to.deep.equal({
      kind: 'image',
      manifest: {
        mediaType: MEDIA_TYPES.ociManifest,
        config: MANIFEST.config,
        layers: [{ ...LAYER, annotations: { d: 'e' } }],
        annotations: { a: 'b' },
      },
    });
  });

  it('of an index has the platforms of its images, in their usual spelling', () => {
    const entry = { mediaType: MEDIA_TYPES.ociManifest, digest: DIGEST, size: 3 };
    const manifests = [
      { ...entry, platform: { os: 'linux', architecture: 'aarch64', variant: 'v8' } },
      { ...entry, platform: { os: 'linux' } },
      entry,
    ];
    expect(manifest({ schemaVersion: 2, manifests }, MEDIA_TYPES.ociIndex)).to.deep.equal({
      kind: 'index',
      index: {
        mediaType: MEDIA_TYPES.ociIndex,
        manifests: [{ ...entry, platform: { os: 'linux', architecture: 'arm64' } }, entry, entry],
      },
    });
  });

  it('says what it is, and of what it says something, whether it is an image or an index', () => {
    const subject = { mediaType: MEDIA_TYPES.ociManifest, digest: DIGEST, size: 3 };
    const association = { artifactType: 'application/spdx+json', subject, annotations: { a: 'b' } };
    expect(manifest({ ...MANIFEST, ...association })).to.deep.include({
      manifest: { mediaType: MEDIA_TYPES.ociManifest, config: MANIFEST.config, layers: [LAYER], ...association },
    });
    const manifests = [{ ...subject, artifactType: 'a/b' }];
    expect(manifest({ schemaVersion: 2, manifests, ...association }, MEDIA_TYPES.ociIndex)).to.deep.include({
      index: { mediaType: MEDIA_TYPES.ociIndex, manifests, ...association },
    });
    const nothing = { ...MANIFEST, artifactType: '', subject: null };
    expect(manifest(nothing)).to.deep.equal(manifest(MANIFEST));
  });

  const UNREADABLE = 'app:v1 is not an image that kdeploy can read: ';
  const cases: readonly [what: string, document: unknown, type: string, message: string][] = [
    ['schema 1', { schemaVersion: 1 }, MEDIA_TYPES.ociManifest, "app:v1 has a manifest in Docker's obsolete schema 1"],
    ['no JSON object', [], MEDIA_TYPES.ociManifest, 'the manifest of app:v1 is not a JSON document'],
    [
      'another type',
      { ...MANIFEST, mediaType: 'application/x' },
      MEDIA_TYPES.ociManifest,
      `${UNREADABLE}its manifest has the unsupported type "application/x"`,
    ],
    [
      'an image and an index at once',
      { ...MANIFEST, manifests: [] },
      MEDIA_TYPES.ociManifest,
      `${UNREADABLE}its manifest has the unsupported type "${MEDIA_TYPES.ociManifest}"`,
    ],
    [
      'an index with a configuration',
      { manifests: [], config: MANIFEST.config },
      MEDIA_TYPES.ociIndex,
      `${UNREADABLE}its manifest has the unsupported type "${MEDIA_TYPES.ociIndex}"`,
    ],
    [
      'an index with layers',
      { manifests: [], layers: [] },
      MEDIA_TYPES.ociIndex,
      `${UNREADABLE}its manifest has the unsupported type "${MEDIA_TYPES.ociIndex}"`,
    ],
    [
      'no layers',
      { ...MANIFEST, layers: undefined },
      MEDIA_TYPES.ociManifest,
      `${UNREADABLE}its manifest has no list of layers or manifests`,
    ],
    [
      'a layer that is none',
      { ...MANIFEST, layers: ['x'] },
      MEDIA_TYPES.ociManifest,
      `${UNREADABLE}its manifest contains an invalid descriptor`,
    ],
    ...(['mediaType', 'digest', 'size'] as const).map((key): [string, unknown, string, string] => [
      `a layer without ${key}`,
      { ...MANIFEST, layers: [{ ...LAYER, [key]: null }] },
      MEDIA_TYPES.ociManifest,
      `${UNREADABLE}its manifest has a descriptor without media type, digest or size`,
    ]),
    [
      'a digest that leads elsewhere',
      { ...MANIFEST, layers: [{ ...LAYER, digest: '../x' }] },
      MEDIA_TYPES.ociManifest,
      `${UNREADABLE}its manifest has a descriptor with an invalid digest`,
    ],
    ...[-1, 1.5, 2 ** 60].map((size): [string, unknown, string, string] => [
      `a size of ${size}`,
      { ...MANIFEST, layers: [{ ...LAYER, size }] },
      MEDIA_TYPES.ociManifest,
      `${UNREADABLE}its manifest has a descriptor with an invalid size`,
    ]),
  ];
  for (const [what, document, type, message] of cases) {
    it(`is refused with ${what}`, () => {
      const error = refused(() => manifest(document, type));
      expect([error.code, error.message]).to.deep.equal(['image-not-found', message]);
    });
  }

  it('of schema 1 has advice', () => {
    expect(refused(() => manifest({ schemaVersion: 1 })).hint).to.contain('push the image again');
  });

  it('that is no JSON is not quoted', () => {
    const error = refused(() => parseManifest('{"hunter2', MEDIA_TYPES.ociManifest, 'app:v1'));
    expect([error.message, error.cause]).to.deep.equal(['the manifest of app:v1 is not a JSON document', undefined]);
  });
});

describe('the configuration of an image', () => {
  it('is read in full', () => {
    expect(
      config({
        variant: 'v8',
        created: '2026-01-01T00:00:00Z',
        config: {
          User: 'kedro',
          WorkingDir: '/home/kedro',
          Env: ['A=b', 1],
          Entrypoint: ['e'],
          Cmd: ['c'],
          Labels: { l: 'm', n: 1 },
        },
        rootfs: { diff_ids: [DIGEST, 1] },
        history: [{ created_by: 'RUN x', empty_layer: true }, { created_by: 1 }, 'y'],
      }),
    ).to.deep.equal({
      os: 'linux',
      architecture: 'amd64',
      variant: 'v8',
      created: '2026-01-01T00:00:00Z',
      run: {
        user: 'kedro',
        workingDirectory: '/home/kedro',
        env: ['A=b'],
        entrypoint: ['e'],
        cmd: ['c'],
        labels: { l: 'm' },
      },
      rootfs: { diffIds: [DIGEST] },
      history: [
        { createdBy: 'RUN x', isEmpty: true },
        { createdBy: '', isEmpty: false },
        { createdBy: '', isEmpty: false },
      ],
    });
  });

  it('has nothing that is not given, or empty', () => {
    const run = { env: [], entrypoint: [], cmd: [], workingDirectory: '/', user: '', labels: {} };
    const empty = { run, rootfs: { diffIds: [] } };
    const platform = { os: 'linux', architecture: 'amd64' };
    expect(config({})).to.deep.equal({ ...platform, ...empty });
    expect(
      config({ variant: '', created: 1, config: { User: '', WorkingDir: '', Labels: [] }, rootfs: 1 }),
    ).to.deep.equal({
      ...platform,
      ...empty,
    });
    expect(config({ variant: 1, config: { User: 1, WorkingDir: 1 } })).to.deep.equal({ ...platform, ...empty });
  });

  for (const missing of ['os', 'architecture']) {
    it(`is refused without ${missing}: other artifacts have one, too`, () => {
      const error = refused(() => config({ [missing]: undefined }));
      expect(error.code).to.equal('image-not-found');
      expect(error.message).to.contain('its configuration has no platform');
    });
  }

  it('that is no JSON is named', () => {
    expect(refused(() => parseImageConfig('x', 'app:v1')).message).to.equal(
      'the configuration of app:v1 is not a JSON document',
    );
  });
});
