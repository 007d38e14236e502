import { isBakeStep } from '../image/bake-step.js';
import { readBakedLabels, OCI_LABELS, type BakedLabels } from '../image/labels.js';
import { shortStep } from '../image/layer-steps.js';
import type { HistoryStep } from '../image/manifest.js';
import type { RunConfiguration } from '../image/run-configuration.js';
import { imageTrackingUri } from '../image/tracking-uri.js';
import type { ReferrerDescription } from '../supply-chain/describe-referrer.js';

/** An image as `kdeploy inspect` shows it, wherever it was found. */
export interface ImageDescription {
  readonly reference: string;
  /**
   * `layout` and `archive`: in a file or a folder, an OCI image layout or what `docker save` wrote. `waiting`: baked from a
   * registry, and not pushed yet.
   */
  readonly foundIn: 'engine' | 'registry' | 'layout' | 'archive' | 'waiting';
  /** The engine's ID, or `null` for an image that is not on the engine. */
  readonly id: string | null;
  /** `name@sha256:…`; `null` for an image that was never pushed. Of an image in a file or one that waits, the digest alone. */
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
  /** Bytes: on disk for the engine, compressed for a registry, as they are in the file for a layout or an archive. */
  readonly size: number;
  /**
   * What says something of the image where it is: SBOMs, provenance, signatures. `null` where that is not known: on the
   * engine, in an archive, and where the list cannot be read.
   */
  readonly referrers: readonly ReferrerDescription[] | null;
}

export interface LayerDescription {
  /** On the engine the uncompressed layer's digest (its diff ID), elsewhere that of the layer as it is stored. */
  readonly digest: string;
  /** `null` where the engine does not report it by layer. */
  readonly size: number | null;
  /** How the step began that made it, `RUN pip install …`; `kdeploy` for kdeploy's own; `null` where the image does not tell. */
  readonly madeBy: string | null;
}

/** What made a layer. Of a step no more than its beginning is told: its arguments may be secrets. */
export function madeBy(step: Pick<HistoryStep, 'createdBy' | 'comment'> | undefined): string | null {
  if (step !== undefined && isBakeStep(step)) return 'kdeploy';
  const text = shortStep(step?.createdBy ?? '');
  return text === '' ? null : text;
}

/** The part of a description that comes from the image's own configuration. */
export function describeConfiguration(
  configuration: RunConfiguration,
): Pick<
  ImageDescription,
  'baked' | 'revision' | 'source' | 'base' | 'user' | 'workingDirectory' | 'entrypoint' | 'cmd'
> {
  const { labels, user, workingDirectory, entrypoint, cmd } = configuration;
  const baked = readBakedLabels(labels);
  return {
    baked: baked === undefined ? null : { ...baked, trackingUri: imageTrackingUri(configuration) },
    revision: labels[OCI_LABELS.revision] ?? null,
    source: labels[OCI_LABELS.source] ?? null,
    base: labels[OCI_LABELS.baseName] ?? null,
    user: user === '' ? 'root' : user,
    workingDirectory,
    entrypoint,
    cmd,
  };
}
