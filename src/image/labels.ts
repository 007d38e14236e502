import { KdeployError } from '../errors.js';

/** Raised when a label goes or means something else, so that an older kdeploy does not misread it. */
export const LABEL_FORMAT = 1;

/** The labels kdeploy writes. `io.kdeploy.*` are a contract: push, inspect and platform teams' policies read them. */
export const LABELS = {
  format: 'io.kdeploy.format',
  version: 'io.kdeploy.version',
  env: 'io.kdeploy.env',
  trackingUri: 'io.kdeploy.tracking-uri',
  experiment: 'io.kdeploy.experiment',
  authentication: 'io.kdeploy.authentication',
  plan: 'io.kdeploy.plan',
  selfTest: 'io.kdeploy.self-test',
  locations: 'io.kdeploy.locations',
  bakedFrom: 'io.kdeploy.baked-from',
} as const;

/** Annotations of the OCI image spec (annotations.md, "Pre-Defined Annotation Keys"), written as labels. */
export const OCI_LABELS = {
  created: 'org.opencontainers.image.created',
  revision: 'org.opencontainers.image.revision',
  source: 'org.opencontainers.image.source',
  version: 'org.opencontainers.image.version',
  title: 'org.opencontainers.image.title',
  baseName: 'org.opencontainers.image.base.name',
  baseDigest: 'org.opencontainers.image.base.digest',
} as const;

/** What the labels of a baked image tell; `undefined` for an image that kdeploy did not bake. */
export interface BakedLabels {
  readonly version: string;
  readonly plan: string;
  readonly env: string | undefined;
  readonly trackingUri: string | undefined;
  readonly experiment: string | undefined;
  /** Type names; empty when none. */
  readonly authentication: readonly string[];
}

/** Throws KdeployError `image-unusable` for those of a later format. */
export function readBakedLabels(labels: Readonly<Record<string, string>>): BakedLabels | undefined {
  const version = labels[LABELS.version];
  assertKnownFormat(labels[LABELS.format], version);
  const plan = labels[LABELS.plan];
  if (version === undefined || plan === undefined) return undefined;
  return {
    version,
    plan,
    env: nonEmpty(labels[LABELS.env]),
    trackingUri: trackingUriLabel(labels),
    experiment: nonEmpty(labels[LABELS.experiment]),
    authentication: labels[LABELS.authentication]?.split(',').filter((name) => name !== '') ?? [],
  };
}

/** `undefined` for an image without tracking. A label cannot be taken away again, so an earlier bake's is empty then. */
export function trackingUriLabel(labels: Readonly<Record<string, string>>): string | undefined {
  return nonEmpty(labels[LABELS.trackingUri]);
}

/** An image without the label is of the first format. */
function assertKnownFormat(format = '1', version = 'a newer version'): void {
  if (/^\d{1,9}$/.test(format) && Number(format) <= LABEL_FORMAT) return;
  throw new KdeployError(
    'image-unusable',
    `the image was built by kdeploy ${version}; its labels have format ${format}, and this kdeploy reads ${LABEL_FORMAT}`,
    { hint: 'update kdeploy' },
  );
}

function nonEmpty(text: string | undefined): string | undefined {
  return text === '' ? undefined : text;
}
