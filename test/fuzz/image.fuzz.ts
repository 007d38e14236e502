import { parseImageConfig, parseManifest } from '../../src/image/manifest-json.js';
import { MEDIA_TYPES } from '../../src/image/manifest.js';
import { parseReference, parseRepositoryName } from '../../src/image/reference.js';
import { fuzz } from './fuzz.js';
import { SECRET } from './secret.js';

const DIGEST = `sha256:${'3f'.repeat(32)}`;
const DESCRIPTOR = { mediaType: MEDIA_TYPES.ociConfig, digest: DIGEST, size: 7023 };

describe('fuzzing what is read of images', () => {
  it('references are parsed, or refused with a sentence', () =>
    fuzz({
      samples: [
        'europe-docker.pkg.dev/acme/ml/spaceflights:1.2.3',
        'registry.example.com:5000/team/app',
        `python@${DIGEST}`,
        '[::1]:5000/a__b/c-d.e',
        `ada:${SECRET}@registry.example.com/app:latest`,
        `https://ada:${SECRET}@registry.example.com/app`,
      ],
      words: ['docker.io/', 'index.docker.io', '/library/', 'sha256:', ':5000', ':latest', 'localhost/'],
      read: (input) => {
        const text = input.toString('utf8');
        const { familiarName } = parseReference(text);
        parseReference(familiarName);
        parseRepositoryName(text, { tagAllowed: true });
        return [];
      },
    }));

  it('manifests are parsed, or refused with a sentence', () =>
    fuzz({
      samples: [
        { schemaVersion: 2, mediaType: MEDIA_TYPES.ociManifest, config: DESCRIPTOR, layers: [DESCRIPTOR, DESCRIPTOR] },
        {
          schemaVersion: 2,
          mediaType: MEDIA_TYPES.ociIndex,
          manifests: [{ ...DESCRIPTOR, platform: { os: 'linux', architecture: 'arm64', variant: 'v8' } }],
          annotations: { token: SECRET },
        },
        { errors: [{ code: 'UNAUTHORIZED', message: `Authorization: Bearer ${SECRET}` }] },
      ].map((document) => JSON.stringify(document)),
      words: ['"schemaVersion":1', '"manifests":[]', '"layers":[{}]', '"size":-1', '"digest":"sha256:../.."', 'null'],
      read: (input) => {
        parseManifest(input, MEDIA_TYPES.ociManifest, 'app:1');
        parseManifest(input, 'text/html', 'app:1');
        return [];
      },
    }));

  it('configurations are parsed, or refused with a sentence', () =>
    fuzz({
      samples: [
        JSON.stringify({
          architecture: 'amd64',
          os: 'linux',
          config: { User: '999', Env: [`PATH=/bin`, `PASSWORD=${SECRET}`], Cmd: ['kedro', 'run'], Labels: { a: 'b' } },
          rootfs: { type: 'layers', diff_ids: [DIGEST] },
          history: [{ created_by: `RUN |1 TOKEN=${SECRET} make`, empty_layer: true }],
        }),
      ],
      words: ['"config":null', '"Env":{}', '"Labels":[]', '"history":[null]', '"os":1'],
      read: (input) => {
        parseImageConfig(input, 'app:1');
        return [];
      },
    }));
});
