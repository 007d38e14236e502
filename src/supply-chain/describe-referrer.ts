import type { IndexEntry } from '../image/manifest.js';
import { SELF_TEST_TYPE } from '../image/referrer.js';
import { PREDICATE_ANNOTATION } from './referrer.js';

/** What belongs to an image, as `kdeploy inspect` shows it. */
export interface ReferrerDescription {
  readonly digest: string;
  readonly artifactType: string | null;
  /** `self-test`: it passed. `other`: a signature, a scanner's report, and whatever else; its type tells. */
  readonly kind: 'sbom' | 'provenance' | 'self-test' | 'other';
  /** `CycloneDX 1.6`, `SPDX 2.3`, `SLSA v1`; `null` where it is not known. */
  readonly format: string | null;
  /** Of an SBOM, how many it lists. */
  readonly components: number | null;
}

type Format = Pick<ReferrerDescription, 'kind' | 'format' | 'components'>;

type Json = Readonly<Record<string, unknown>>;

const OTHER: Format = { kind: 'other', format: null, components: null };

/** Whether its document tells more of it than its type does. */
export function isReadable({ artifactType = '' }: Pick<IndexEntry, 'artifactType'>): boolean {
  return /cyclonedx|spdx|in-toto/i.test(artifactType);
}

/** `document`: what the manifest has, if it could be read. Others wrote it; nothing in it is believed to be what it should. */
export function describeReferrer(entry: IndexEntry, document?: Buffer): ReferrerDescription {
  const { digest, artifactType } = entry;
  const read = document === undefined ? undefined : formatOf(parsed(document));
  return { digest, artifactType: artifactType ?? null, ...(read ?? formatByType(entry)) };
}

function formatByType({ artifactType = '', annotations = {} }: IndexEntry): Format {
  if (/cyclonedx/i.test(artifactType)) return { ...OTHER, kind: 'sbom', format: 'CycloneDX' };
  if (/spdx/i.test(artifactType)) return { ...OTHER, kind: 'sbom', format: 'SPDX' };
  if (artifactType === SELF_TEST_TYPE) return { ...OTHER, kind: 'self-test' };
  const predicate = annotations[PREDICATE_ANNOTATION];
  return (predicate === undefined ? undefined : formatOfPredicate(predicate, undefined)) ?? OTHER;
}

function formatOf(document: unknown): Format | undefined {
  if (!isObject(document)) return undefined;
  const { bomFormat, specVersion, components, spdxVersion, packages, _type, predicateType, predicate } = document;
  if (bomFormat === 'CycloneDX') return sbom('CycloneDX', specVersion, components);
  if (typeof spdxVersion === 'string') return sbom('SPDX', spdxVersion.replace(/^SPDX-/, ''), packages);
  const isStatement = typeof _type === 'string' && _type.startsWith('https://in-toto.io/Statement/');
  return isStatement && typeof predicateType === 'string' ? formatOfPredicate(predicateType, predicate) : undefined;
}

/** An SBOM may be an attestation, too. */
function formatOfPredicate(predicateType: string, predicate: unknown): Format | undefined {
  const [, version] = /^https:\/\/slsa\.dev\/provenance\/(v[\d.]{1,10})$/.exec(predicateType) ?? [];
  if (version !== undefined) return { ...OTHER, kind: 'provenance', format: `SLSA ${version}` };
  const [, name] = /^https:\/\/(cyclonedx|spdx)\./.exec(predicateType) ?? [];
  if (name === undefined) return undefined;
  return formatOf(predicate) ?? { ...OTHER, kind: 'sbom', format: name === 'spdx' ? 'SPDX' : 'CycloneDX' };
}

function sbom(name: string, version: unknown, components: unknown): Format {
  const isVersion = typeof version === 'string' && /^\d[\d.]{0,9}$/.test(version);
  return {
    kind: 'sbom',
    format: isVersion ? `${name} ${version}` : name,
    components: Array.isArray(components) ? components.length : 0,
  };
}

function parsed(document: Buffer): unknown {
  try {
    return JSON.parse(document.toString('utf8'));
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
