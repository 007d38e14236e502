import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { bakedTracking } from '../../src/bake/baked-tracking.js';
import { bakeLayer } from '../../src/bake/bake-layer.js';
import { bakeValue } from '../../src/bake/bake-value.js';
import { formatRecorded, LAYERS_LABEL } from '../../src/builders/layers/layer-recipe.js';
import { DEFAULT_SETTINGS } from '../../src/config/settings/settings.js';
import { planBake } from '../../src/image/bake-plan.js';
import { digestOf } from '../../src/image/digest.js';
import { imageOf, type Image } from '../../src/image/image.js';
import type { Locations } from '../../src/image/locations.js';
import { parseImageConfig, parseImageManifest } from '../../src/image/manifest-json.js';
import { MEDIA_TYPES } from '../../src/image/manifest.js';
import { append } from '../../src/image/mutate.js';
import { imageIn, readTree, treeOf } from '../../src/image/tree.js';
import { writeTree } from '../../src/image/write-tree.js';
import { FolderFiles } from '../../src/places/layout/folder-files.js';
import { LayoutSource } from '../../src/places/layout/image-layout.js';
import { LayoutSink } from '../../src/places/layout/layout-sink.js';

/** An OCI image layout for each released version: what its kdeploy baked, so that later ones can be tried on it. */
export const RELEASED = fileURLToPath(new URL('../../test/fixtures/released', import.meta.url));

const PROJECT = '/home/kedro_docker';
const SITE_PACKAGES = '/usr/local/lib/python3.11/site-packages';
const CREATED = '2020-01-01T00:00:00Z';

const folder = { uid: 0, gid: 0, mode: 0o755, mtime: Date.parse(CREATED) / 1000 };
const LOCATIONS: Locations = {
  owner: { uid: 999, gid: 0 },
  real: { [`${PROJECT}/conf`]: `${PROJECT}/conf`, '/opt/kdeploy/lib': '/opt/kdeploy/lib' },
  sitePackages: [SITE_PACKAGES],
  folders: Object.fromEntries(
    ['/home', PROJECT, `${PROJECT}/conf`, '/opt', ...foldersOf(SITE_PACKAGES)].map((each) => [each, folder]),
  ),
};

/**
 * An image as this commit's kdeploy leaves it, whole but for what a base and a project bring: the runtime in its layer, the
 * labels, variables and entrypoint. The same commit gives the same digest.
 */
export async function releasedImage(version: string): Promise<Image> {
  const image = await projectImage();
  const tracking = await bakedTracking({
    settings: {
      ...DEFAULT_SETTINGS,
      runConfig: {
        ...DEFAULT_SETTINGS.runConfig,
        runName: 'flights-{dag.run_id}',
        authentication: [{ type: 'Vars', params: ['MLFLOW_TRACKING_USERNAME', 'MLFLOW_TRACKING_PASSWORD'] }],
      },
    },
    tracking: {
      uri: 'https://mlflow.example.com',
      registryUri: undefined,
      experiment: 'flights',
      source: undefined,
      registrySource: undefined,
    },
    trackingConfig: undefined,
    mlflowFile: 'conf/production/mlflow.yml',
    kdeployVersion: version,
  });
  const plan = planBake({
    image: image.config.value.run,
    kdeployVersion: version,
    env: 'production',
    tracking,
    imageName: `registry.example.com/team/flights:${version}`,
    origin: { created: CREATED, revision: '0'.repeat(40), source: 'https://git.example.com/team/flights' },
    isSelfTested: true,
  });
  return bakeValue(image, plan, LOCATIONS, 'the released image');
}

/** A project's image before the bake, made of one layer; it says what a layer of packages would be made of. */
async function projectImage(): Promise<Image> {
  const content = Buffer.from('flights:\n  type: pandas.CSVDataset\n  filepath: data/flights.csv\n');
  const files = [{ path: `${PROJECT}/conf/base/catalog.yml`, content }];
  const layer = await bakeLayer(files, { ...LOCATIONS, folders: {} }, MEDIA_TYPES.ociManifest);
  const wheel = { name: 'flights', version: '1.0', sha256: '1'.repeat(64), roots: [`${SITE_PACKAGES}/flights`] };
  const { digest, size } = layer.descriptor;
  const recorded = [{ key: '2'.repeat(64), digest, diffId: layer.diffId, size, wheels: [{ ...wheel, omitted: [] }] }];
  const config = {
    created: CREATED,
    architecture: 'amd64',
    os: 'linux',
    config: {
      Env: ['PATH=/usr/local/bin:/usr/bin:/bin'],
      Cmd: ['kedro', 'run'],
      WorkingDir: PROJECT,
      User: '999',
      Labels: { [LAYERS_LABEL]: formatRecorded(recorded, SITE_PACKAGES) },
    },
    rootfs: { type: 'layers', diff_ids: [] },
    history: [],
  };
  return append(imageFrom(config), layer, { createdBy: 'COPY . .' }, 'the project’s image');
}

function imageFrom(config: object): Image {
  const what = 'an image without layers';
  const configBytes = Buffer.from(JSON.stringify(config));
  const document = (bytes: Buffer, mediaType: string) => ({ bytes, mediaType, digest: digestOf(bytes) });
  const [configType, manifestType] = [MEDIA_TYPES.ociConfig, MEDIA_TYPES.ociManifest];
  const descriptor = { mediaType: configType, digest: digestOf(configBytes), size: configBytes.length };
  const manifest = { schemaVersion: 2, mediaType: manifestType, config: descriptor, layers: [] };
  const bytes = Buffer.from(JSON.stringify(manifest));
  return imageOf({
    manifest: { ...document(bytes, manifestType), value: parseImageManifest(bytes, manifestType, what) },
    config: { ...document(configBytes, configType), value: parseImageConfig(configBytes, what) },
    layers: [],
    what,
  });
}

function foldersOf(path_: string): string[] {
  const parts = path_.split('/').slice(1);
  return parts.map((_, index) => `/${parts.slice(0, index + 1).join('/')}`);
}

/** The versions that are recorded below a folder. */
export async function recordedVersions(root: string = RELEASED): Promise<string[]> {
  return (await readdir(root).catch(() => [])).sort();
}

/** Reads one that was recorded; its bytes are proven by its digests. */
export async function recordedImage(version: string, root: string = RELEASED): Promise<Image> {
  const layout = path.join(root, version);
  const name = `oci:${layout}`;
  return imageIn(await readTree(new LayoutSource(await FolderFiles.open(layout), name)), name);
}

/** Writes an image down. */
export async function record(image: Image, version: string, root: string = RELEASED): Promise<void> {
  await writeTree(treeOf(image), new LayoutSink(path.join(root, version)), [version]);
}

/** What keeps a version from being tried on by later ones. */
export async function recordProblems(version: string, root: string = RELEASED): Promise<string[]> {
  const place = `test/fixtures/released/${version}`;
  if (!(await recordedVersions(root)).includes(version))
    return [`${place} is missing: run npm run release:record, and commit it`];
  const [made, recorded] = [await releasedImage(version), await recordedImage(version, root)];
  if (made.manifest.digest === recorded.manifest.digest) return [];
  return [`${place} is not what this commit bakes: run npm run release:record, and commit it`];
}
