import { isSamePlatform, platformOf, type Platform } from './platform.js';
import type { Digest } from './digest.js';
import type { RunConfiguration } from './run-configuration.js';

/** The media types of the OCI image spec (media-types.md) and their elders from Docker, "image manifest v2, schema 2". */
export const MEDIA_TYPES = {
  ociIndex: 'application/vnd.oci.image.index.v1+json',
  ociManifest: 'application/vnd.oci.image.manifest.v1+json',
  ociConfig: 'application/vnd.oci.image.config.v1+json',
  ociLayer: 'application/vnd.oci.image.layer.v1.tar',
  ociLayerGzip: 'application/vnd.oci.image.layer.v1.tar+gzip',
  ociLayerZstd: 'application/vnd.oci.image.layer.v1.tar+zstd',
  dockerIndex: 'application/vnd.docker.distribution.manifest.list.v2+json',
  dockerManifest: 'application/vnd.docker.distribution.manifest.v2+json',
  dockerConfig: 'application/vnd.docker.container.image.v1+json',
  dockerLayerGzip: 'application/vnd.docker.image.rootfs.diff.tar.gzip',
} as const;

/** What kdeploy can read, for the Accept header. Without it registries fall back to schema 1, which has no config. */
export const MANIFEST_MEDIA_TYPES = [
  MEDIA_TYPES.ociManifest,
  MEDIA_TYPES.dockerManifest,
  MEDIA_TYPES.ociIndex,
  MEDIA_TYPES.dockerIndex,
] as const;

export interface Descriptor {
  readonly mediaType: string;
  readonly digest: Digest;
  readonly size: number;
  readonly annotations?: Readonly<Record<string, string>>;
}

export interface IndexEntry extends Descriptor {
  readonly platform?: Platform;
  /** What it is, in a list of what belongs to an image (OCI image spec, descriptor.md). */
  readonly artifactType?: string;
}

/** One image. */
export interface ImageManifest {
  readonly mediaType: string;
  readonly config: Descriptor;
  /** The base's first. */
  readonly layers: readonly Descriptor[];
  readonly annotations?: Readonly<Record<string, string>>;
  /** What it is, where it is not an image: an SBOM, a signature (OCI image spec, manifest.md). */
  readonly artifactType?: string;
  /** The manifest that it says something of; registries list it among that one's referrers. */
  readonly subject?: Descriptor;
}

/** One image per platform. */
export interface ImageIndex {
  readonly mediaType: string;
  readonly manifests: readonly IndexEntry[];
  readonly annotations?: Readonly<Record<string, string>>;
  /** As in an ImageManifest (OCI image spec, image-index.md). */
  readonly artifactType?: string;
  readonly subject?: Descriptor;
}

/** The fields of an image's configuration that kdeploy uses (OCI image spec, config.md). */
export interface ImageConfig {
  readonly architecture: string;
  readonly os: string;
  readonly variant?: string;
  readonly created?: string;
  readonly run: RunConfiguration;
  readonly rootfs: { readonly diffIds: readonly string[] };
  /** How it was built, the base's steps first; absent where the builder left it out. May hold secrets: never print it as it is. */
  readonly history?: readonly HistoryStep[];
}

/** One step of a build (OCI image spec, config.md, `history`). */
export interface HistoryStep {
  readonly createdBy: string;
  /** ENV, CMD and the like make no layer. */
  readonly isEmpty: boolean;
  readonly comment?: string;
}

export function isIndexMediaType(mediaType: string): boolean {
  return mediaType === MEDIA_TYPES.ociIndex || mediaType === MEDIA_TYPES.dockerIndex;
}

export function isManifestMediaType(mediaType: string): boolean {
  return mediaType === MEDIA_TYPES.ociManifest || mediaType === MEDIA_TYPES.dockerManifest;
}

/**
 * Whether an entry of an index is an image that can be run. Attestations and other artifacts have the media type of an
 * image, too: they are told by their platform, which is unknown, or by what their configuration is.
 */
export function isPlatform({ platform }: IndexEntry, { config, artifactType }: ImageManifest): boolean {
  const isImage = config.mediaType === MEDIA_TYPES.ociConfig || config.mediaType === MEDIA_TYPES.dockerConfig;
  return isImage && artifactType === undefined && (platform === undefined || !isUnknown(platform));
}

/** The platforms that an index has images for. BuildKit's attestations, listed as `unknown/unknown`, are no images. */
export function platformsOf(index: ImageIndex): Platform[] {
  return index.manifests.flatMap(({ platform }) => (platform === undefined || isUnknown(platform) ? [] : [platform]));
}

/**
 * The index's image for a platform; `undefined` when it has none. An entry without a variant serves a wanted one (the
 * registry does not say more), but never the other way round: a v9 image may not run on the v8 that was asked for.
 */
export function selectPlatform(index: ImageIndex, wanted: Platform): IndexEntry | undefined {
  const runnable = index.manifests.filter(
    ({ mediaType }) => isManifestMediaType(mediaType) || isIndexMediaType(mediaType),
  );
  const exact = runnable.find(({ platform }) => platform !== undefined && isSamePlatform(platform, wanted));
  if (exact !== undefined) return exact;
  const { os, architecture } = platformOf(wanted.os, wanted.architecture);
  return runnable.find(({ platform }) => platform !== undefined && isSamePlatform(platform, { os, architecture }));
}

function isUnknown({ os, architecture }: Platform): boolean {
  return os === 'unknown' || architecture === 'unknown';
}
