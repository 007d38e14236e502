import type { BakedLabels } from '../image/labels.js';
import type { ImageReference } from '../image/reference.js';
import { classifyTrackingUri } from '../project/tracking/tracking-uri.js';

/** `error`: every run would be lost; `warning`: they may be, depending on how the container is started. */
export interface LostRuns {
  readonly severity: 'error' | 'warning';
  readonly message: string;
}

/**
 * Why the runs of an image may be lost where it is pulled; `undefined` where nothing points to it. What the checks say
 * of the project is said again of the image: it may have been built with the checks off, or by somebody else. An image
 * that stays on this machine may well log to a server on it, with host networking.
 */
export function lostRuns(
  { trackingUri }: Pick<BakedLabels, 'trackingUri'>,
  reference: ImageReference,
): LostRuns | undefined {
  const { kind, redacted } = classifyTrackingUri(trackingUri);
  const severity = reference.leavesThisMachine ? 'error' : 'warning';
  switch (kind) {
    case 'loopback':
      return {
        severity,
        message: `the tracking URI ${redacted} points at the container itself; it works only with host networking, or if MLflow runs in the same pod`,
      };
    case 'host-gateway':
      return {
        severity,
        message: `the tracking URI ${redacted} resolves only inside Docker Desktop on a laptop, not in a cluster`,
      };
    case 'relative-path':
    case 'file':
    case 'database-file':
      return {
        severity: 'error',
        message: `the tracking URI ${redacted} is in the container, and is deleted with it`,
      };
    case 'unset':
    case 'remote':
    case 'databricks':
    case 'database':
    case 'unknown-scheme':
    case 'invalid':
      return undefined;
  }
}
