import { bakeValue } from '../../src/bake/bake-value.js';
import { bakedMlflowYaml } from '../../src/bake/mlflow-yaml.js';
import { readPathFile, readRuntimePackage } from '../../src/bake/runtime-package.js';
import { packLayer } from '../../src/builders/layers/pack/pack-layer.js';
import { projectEntries } from '../../src/builders/layers/project-layer.js';
import { planBake } from '../../src/image/bake-plan.js';
import { digestOf } from '../../src/image/digest.js';
import { imageOf, type Image } from '../../src/image/image.js';
import type { Layer } from '../../src/image/layer.js';
import type { Locations } from '../../src/image/locations.js';
import { MEDIA_TYPES } from '../../src/image/manifest.js';
import { parseImageConfig, parseImageManifest } from '../../src/image/manifest-json.js';

export const TRACKED = { uri: 'https://mlflow.example.com', experiment: 'flights' };

export interface LaidOutOptions {
  readonly project: string;
  /** `3.11` */
  readonly minor: string;
  readonly env?: readonly string[];
  readonly sitePackages?: readonly string[];
}

const ROOT = { uid: 0, gid: 0, mode: 0o755 };
const HOME = 'home/kedro_docker';

/** A project's files and their bake, as the builder layers puts them on a base; of the base there is nothing. */
export async function laidOutImage(options: LaidOutOptions): Promise<{ image: Image; layers: readonly Layer[] }> {
  const { project, minor, env = [], sitePackages = [`/opt/venv/lib/python${minor}/site-packages`] } = options;
  const owner = { uid: 999, gid: 0 };
  const folders = ['home', HOME].map((path) => ({ type: 'folder', path, ...ROOT }) as const);
  const files = await packed(projectEntries({ project, dockerfile: 'Dockerfile', folders, target: HOME, owner }));
  const bare = imageWith([files], ['PATH=/opt/venv/bin:/usr/local/bin:/usr/bin:/bin', 'VIRTUAL_ENV=/opt/venv', ...env]);
  const plan = planBake({
    image: bare.config.value.run,
    kdeployVersion: '1.2.3',
    env: 'local',
    tracking: {
      ...{
        ...TRACKED,
        registryUri: undefined,
        authenticationTypes: [],
        authentication: undefined,
        signsRequests: false,
      },
      ...{ runName: undefined, onUnreachable: 'fail', experimentOptions: undefined, selfTestSubject: 'sha256:subject' },
      mlflowYaml: await bakedMlflowYaml(undefined, TRACKED.experiment),
      mlflowFiles: ['conf/local/mlflow.yml'],
      runtime: await readRuntimePackage('1.2.3', { tracked: true }),
      pathFile: await readPathFile(),
    },
    imageName: 'registry.example.com/team/flights:v1',
    origin: { created: '2026-01-02T03:04:05Z' },
  });
  const existing = ['/home', `/${HOME}`, `/${HOME}/conf`, '/opt', ...sitePackages];
  const locations: Locations = {
    owner,
    real: {},
    sitePackages,
    folders: Object.fromEntries(existing.map((path) => [path, { ...ROOT, mtime: 0 }])),
  };
  const image = await bakeValue(bare, plan, locations, 'the image');
  return { image, layers: image.layers };
}

async function packed(entries: Parameters<typeof packLayer>[0]): Promise<Layer> {
  const layer = packLayer(entries, 'members');
  const chunks: Uint8Array[] = [];
  for await (const chunk of layer.bytes) chunks.push(chunk);
  const bytes = Buffer.concat(chunks);
  const { digest, diffId, size } = layer.facts();
  return {
    descriptor: { mediaType: MEDIA_TYPES.ociLayerGzip, digest, size },
    diffId,
    open: async function* () {
      yield await Promise.resolve(bytes);
    },
  };
}

function imageWith(layers: readonly Layer[], env: readonly string[]): Image {
  const what = 'the image';
  const configuration = Buffer.from(
    JSON.stringify({
      architecture: 'amd64',
      os: 'linux',
      config: { Env: env, Cmd: ['kedro', 'run'], WorkingDir: `/${HOME}`, User: 'kedro' },
      rootfs: { type: 'layers', diff_ids: layers.map(({ diffId }) => diffId) },
      history: layers.map(() => ({ created_by: 'COPY' })),
    }),
  );
  const config = {
    bytes: configuration,
    mediaType: MEDIA_TYPES.ociConfig,
    digest: digestOf(configuration),
    value: parseImageConfig(configuration, what),
  };
  const { mediaType, digest } = config;
  const bytes = Buffer.from(
    JSON.stringify({
      ...{ schemaVersion: 2, mediaType: MEDIA_TYPES.ociManifest },
      config: { mediaType, digest, size: configuration.length },
      layers: layers.map(({ descriptor }) => descriptor),
    }),
  );
  const value = parseImageManifest(bytes, MEDIA_TYPES.ociManifest, what);
  const manifest = { bytes, mediaType: MEDIA_TYPES.ociManifest, digest: digestOf(bytes), value };
  return imageOf({ manifest, config, layers, what });
}
