import { KdeployError } from '../errors.js';
import { quoted } from '../secrets/quoted.js';
import { isDigest } from './digest.js';
import {
  isIndexMediaType,
  isManifestMediaType,
  type Descriptor,
  type HistoryStep,
  type ImageConfig,
  type ImageIndex,
  type ImageManifest,
  type IndexEntry,
} from './manifest.js';
import { platformOf } from './platform.js';
import type { RunConfiguration } from './run-configuration.js';

type Json = Readonly<Record<string, unknown>>;

export type ParsedManifest =
  { readonly kind: 'image'; readonly manifest: ImageManifest } | { readonly kind: 'index'; readonly index: ImageIndex };

/**
 * Reads a manifest or an index. `mediaType` is what the registry said it is; the document's own word goes first, and a
 * document that can be read as both is refused: two readers would otherwise see two images under one digest
 * (GHSA-77vh-xpmg-72qh). Throws KdeployError `image-not-found` for anything that is not an image.
 */
export function parseManifest(bytes: Uint8Array | string, mediaType: string, what: string): ParsedManifest {
  const document = parseObject(bytes, `the manifest of ${what}`);
  const type = typeof document.mediaType === 'string' ? document.mediaType : mediaType;
  if (document.schemaVersion === 1) {
    throw new KdeployError('image-not-found', `${what} has a manifest in Docker's obsolete schema 1`, {
      hint: 'push the image again with Docker 1.10 or newer',
    });
  }
  if (isIndexMediaType(type) && document.layers === undefined && document.config === undefined) {
    return {
      kind: 'index',
      index: {
        mediaType: type,
        manifests: list(document.manifests, what).map((entry) => indexEntry(entry, what)),
        ...association(document, what),
      },
    };
  }
  if (isManifestMediaType(type) && document.manifests === undefined) {
    return {
      kind: 'image',
      manifest: {
        mediaType: type,
        config: descriptor(document.config, what),
        layers: list(document.layers, what).map((layer) => descriptor(layer, what)),
        ...association(document, what),
      },
    };
  }
  throw unreadable(what, `its manifest has the unsupported type ${quoted(type)}`);
}

/** `parseManifest` for what can only be one image. Throws KdeployError `image-not-found` for an index, too. */
export function parseImageManifest(bytes: Uint8Array, mediaType: string, what: string): ImageManifest {
  const parsed = parseManifest(bytes, mediaType, what);
  if (parsed.kind === 'image') return parsed.manifest;
  throw unreadable(what, 'it is an index of several images');
}

/** Reads an image's configuration; throws KdeployError `image-not-found` for the "config" of other artifacts. */
export function parseImageConfig(bytes: Uint8Array | string, what: string): ImageConfig {
  const document = parseObject(bytes, `the configuration of ${what}`);
  const { architecture, os, variant, created } = document;
  const rootfs = isObject(document.rootfs) ? document.rootfs : {};
  if (typeof architecture !== 'string' || typeof os !== 'string') {
    throw unreadable(what, 'its configuration has no platform; it may be a Helm chart or another artifact');
  }
  return {
    architecture,
    os,
    ...(typeof variant === 'string' && variant !== '' ? { variant } : {}),
    ...(typeof created === 'string' ? { created } : {}),
    run: runConfiguration(isObject(document.config) ? document.config : {}),
    rootfs: { diffIds: strings(rootfs.diff_ids) },
    ...(Array.isArray(document.history) ? { history: document.history.map(historyStep) } : {}),
  };
}

function historyStep(value: unknown): HistoryStep {
  const step = isObject(value) ? value : {};
  return {
    createdBy: typeof step.created_by === 'string' ? step.created_by : '',
    isEmpty: step.empty_layer === true,
    ...(typeof step.comment === 'string' && step.comment !== '' && { comment: step.comment }),
  };
}

function runConfiguration({ User: user, WorkingDir: folder, ...config }: Json): RunConfiguration {
  return {
    env: strings(config.Env),
    entrypoint: strings(config.Entrypoint),
    cmd: strings(config.Cmd),
    workingDirectory: typeof folder === 'string' && folder !== '' ? folder : '/',
    user: typeof user === 'string' ? user : '',
    labels: stringRecord(config.Labels) ?? {},
  };
}

/** What is the same in manifests and indexes: what they are, and what they say something of. */
function association(
  document: Json,
  what: string,
): Pick<ImageManifest | ImageIndex, 'annotations' | 'artifactType' | 'subject'> {
  return {
    ...optionalStrings('annotations', document.annotations),
    ...artifactType(document),
    ...(isObject(document.subject) && { subject: descriptor(document.subject, what) }),
  };
}

function artifactType({ artifactType: type }: Json): { artifactType?: string } {
  return typeof type === 'string' && type !== '' ? { artifactType: type } : {};
}

function indexEntry(value: unknown, what: string): IndexEntry {
  const entry = { ...descriptor(value, what), ...(isObject(value) && artifactType(value)) };
  const platform = isObject(value) ? value.platform : undefined;
  if (!isObject(platform) || typeof platform.os !== 'string' || typeof platform.architecture !== 'string') return entry;
  const variant = typeof platform.variant === 'string' ? platform.variant : undefined;
  return { ...entry, platform: platformOf(platform.os, platform.architecture, variant) };
}

function descriptor(value: unknown, what: string): Descriptor {
  if (!isObject(value)) throw unreadable(what, 'its manifest contains an invalid descriptor');
  const { mediaType, digest, size } = value;
  if (typeof mediaType !== 'string' || typeof digest !== 'string' || typeof size !== 'number') {
    throw unreadable(what, 'its manifest has a descriptor without media type, digest or size');
  }
  // The digest becomes part of an address: nothing but a digest may get there.
  if (!isDigest(digest)) throw unreadable(what, 'its manifest has a descriptor with an invalid digest');
  if (!Number.isSafeInteger(size) || size < 0)
    throw unreadable(what, 'its manifest has a descriptor with an invalid size');
  return { mediaType, digest, size, ...optionalStrings('annotations', value.annotations) };
}

function parseObject(bytes: Uint8Array | string, what: string): Json {
  let value: unknown;
  try {
    value = JSON.parse(typeof bytes === 'string' ? bytes : Buffer.from(bytes).toString('utf8'));
  } catch (error) {
    // The parser's words quote the document; nobody needs that.
    if (!(error instanceof SyntaxError)) throw error;
  }
  if (!isObject(value)) throw new KdeployError('image-not-found', `${what} is not a JSON document`);
  return value;
}

function unreadable(what: string, why: string): KdeployError {
  return new KdeployError('image-not-found', `${what} is not an image that kdeploy can read: ${why}`);
}

function list(value: unknown, what: string): readonly unknown[] {
  if (!Array.isArray(value)) throw unreadable(what, 'its manifest has no list of layers or manifests');
  return value;
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function strings(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}

function stringRecord(value: unknown): Record<string, string> | undefined {
  if (!isObject(value)) return undefined;
  return Object.fromEntries(
    Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}

function optionalStrings<Key extends string>(key: Key, value: unknown): Partial<Record<Key, Record<string, string>>> {
  const record = stringRecord(value);
  return record === undefined ? {} : ({ [key]: record } as Record<Key, Record<string, string>>);
}
