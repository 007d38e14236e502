import { readBakedLabels, OCI_LABELS, type BakedLabels } from '../image/labels.js';
import type { RunConfiguration } from '../image/run-configuration.js';

/** An image as `kdeploy inspect` shows it, wherever it was found. */
export interface ImageDescription {
  readonly reference: string;
  readonly foundIn: 'engine' | 'registry';
  /** The engine's ID, or `null` for an image in a registry. */
  readonly id: string | null;
  /** `name@sha256:…`; `null` for an image that was never pushed. */
  readonly digest: string | null;
  readonly platform: string;
  readonly created: string | null;
  /** `null` for an image that kdeploy did not bake. */
  readonly baked: BakedLabels | null;
  readonly revision: string | null;
  readonly source: string | null;
  readonly base: string | null;
  readonly user: string;
  readonly workingDirectory: string;
  readonly entrypoint: readonly string[];
  readonly cmd: readonly string[];
  /** Lowest first. */
  readonly layers: readonly LayerDescription[];
  /** Bytes: on disk for the engine, compressed for a registry. */
  readonly size: number;
}

export interface LayerDescription {
  /** In a registry the compressed layer's digest, on the engine the uncompressed one's (its diff ID). */
  readonly digest: string;
  /** `null` where the engine does not report it by layer. */
  readonly size: number | null;
}

/** The part of a description that comes from the image's own configuration. */
export function describeConfiguration({
  labels,
  ...configuration
}: RunConfiguration): Pick<
  ImageDescription,
  'baked' | 'revision' | 'source' | 'base' | 'user' | 'workingDirectory' | 'entrypoint' | 'cmd'
> {
  const { user, workingDirectory, entrypoint, cmd } = configuration;
  return {
    baked: readBakedLabels(labels) ?? null,
    revision: labels[OCI_LABELS.revision] ?? null,
    source: labels[OCI_LABELS.source] ?? null,
    base: labels[OCI_LABELS.baseName] ?? null,
    user: user === '' ? 'root' : user,
    workingDirectory,
    entrypoint,
    cmd,
  };
}
