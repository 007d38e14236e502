import { KdeployError } from '../../errors.js';
import { digestOf } from '../../image/digest.js';
import { editDocument, type Document } from '../../image/document.js';
import type { JsonEdit } from '../../image/edit-json.js';
import { imageOf, type Image } from '../../image/image.js';
import type { Layer } from '../../image/layer.js';
import { layerSteps } from '../../image/layer-steps.js';
import { MEDIA_TYPES, type Descriptor, type HistoryStep, type ImageManifest } from '../../image/manifest.js';
import { parseImageConfig, parseImageManifest } from '../../image/manifest-json.js';
import type { RunConfiguration } from '../../image/run-configuration.js';

/** A layer that kdeploy made, with its step of the image's history. */
export interface AddedLayer {
  readonly layer: Layer;
  readonly step: Pick<HistoryStep, 'createdBy' | 'comment'>;
  readonly annotations?: Readonly<Record<string, string>>;
}

export interface Assembly {
  readonly base: Image;
  /** The lowest first. */
  readonly added: readonly AddedLayer[];
  readonly run: Omit<RunConfiguration, 'labels'>;
  /** Beside those of the base. */
  readonly labels: Readonly<Record<string, string>>;
  /** `8888/tcp`. */
  readonly exposedPort: string;
  /** RFC 3339. */
  readonly created: string;
  /** For messages. */
  readonly what: string;
}

/** Of the engine that built the base: not true of this image. */
const OF_THE_BASE = [
  'id',
  'parent',
  'container',
  'container_config',
  'docker_version',
  'author',
  'moby.buildkit.buildinfo.v1',
];

/**
 * The base with more layers on top and another way to be run: an OCI image, whatever the base is, for only its manifests have
 * annotations. What the base's configuration says beyond that stays: variables, labels, health check, volumes. The same
 * input gives the same bytes. Throws KdeployError `image-unusable` for a base that cannot be edited.
 */
export function assembleImage({ base, added, run, labels, exposedPort, created, what }: Assembly): Image {
  const { history, rootfs } = base.config.value;
  // Each layer has its step, or readers do without any (OCI image spec, config.md): one that leaves steps out gets them.
  const known = layerSteps(history, base.layers.length) === undefined ? undefined : history;
  const before = known?.length ?? 0;
  const synthesised = known === undefined ? base.layers.map(() => ({ created, created_by: 'base image' })) : [];
  const steps = [
    ...synthesised,
    ...added.map(({ step: { createdBy, comment } }) => ({
      created,
      created_by: createdBy,
      ...(comment !== undefined && { comment }),
    })),
  ];
  const edits: JsonEdit[] = [
    ...OF_THE_BASE.map((key) => ({ path: [key], value: undefined })),
    { path: ['created'], value: created },
    { path: ['rootfs', 'diff_ids'], value: [...rootfs.diffIds, ...added.map(({ layer }) => layer.diffId)] },
    ...(known === undefined
      ? [{ path: ['history'], value: steps }]
      : steps.map((step, index) => ({ path: ['history', before + index], value: step }))),
    { path: ['config', 'Env'], value: run.env },
    { path: ['config', 'Cmd'], value: run.cmd },
    { path: ['config', 'WorkingDir'], value: run.workingDirectory },
    { path: ['config', 'User'], value: run.user },
    { path: ['config', 'ExposedPorts', exposedPort], value: {} },
    ...(run.entrypoint.length === 0 ? [] : [{ path: ['config', 'Entrypoint'], value: run.entrypoint }]),
    // Of the base's Cmd; docker 20.10 sets it where a command is a string.
    { path: ['config', 'ArgsEscaped'], value: undefined },
    // One of them is long, and each edit reads all that is there.
    ...Object.entries(labels).map(([name, value]) => ({ path: ['config', 'Labels', name], value })),
  ];
  const edited = editDocument(
    base.config,
    edits,
    (bytes) => parseImageConfig(bytes, what),
    `the configuration of ${what}`,
  );
  const config = { ...edited, mediaType: MEDIA_TYPES.ociConfig };
  const layers = [
    ...base.layers.map((layer) => ({ ...layer, descriptor: ociDescriptor(layer.descriptor, what) })),
    ...added.map(({ layer, annotations }) => ({
      ...layer,
      descriptor: { ...layer.descriptor, ...(annotations !== undefined && { annotations }) },
    })),
  ];
  const manifest = manifestOf(config, layers, what);
  return imageOf({ manifest, config, layers, what });
}

function manifestOf(
  { digest, bytes, mediaType }: Omit<Document<unknown>, 'value'>,
  layers: readonly Layer[],
  what: string,
): Document<ImageManifest> {
  const manifest = {
    schemaVersion: 2,
    mediaType: MEDIA_TYPES.ociManifest,
    config: { mediaType, digest, size: bytes.length },
    layers: layers.map(({ descriptor }) => descriptor),
  };
  const written = Buffer.from(JSON.stringify(manifest));
  const value = parseImageManifest(written, MEDIA_TYPES.ociManifest, what);
  return { bytes: written, mediaType: MEDIA_TYPES.ociManifest, digest: digestOf(written), value };
}

const OCI_TYPES: Readonly<Record<string, string>> = {
  [MEDIA_TYPES.dockerLayerGzip]: MEDIA_TYPES.ociLayerGzip,
  'application/vnd.docker.image.rootfs.diff.tar': MEDIA_TYPES.ociLayer,
};

/** The same bytes under their OCI name. */
function ociDescriptor({ mediaType, digest, size, annotations }: Descriptor, what: string): Descriptor {
  const type = OCI_TYPES[mediaType] ?? mediaType;
  if (!type.startsWith('application/vnd.oci.image.layer.v1.tar'))
    throw new KdeployError(
      'image-unusable',
      `${what} has a layer of the type ${mediaType}, which cannot be taken over`,
      {
        hint: 'choose another base image (image.base), or build with Docker: `--builder kedro`',
      },
    );
  return { mediaType: type, digest, size, ...(annotations !== undefined && { annotations }) };
}
