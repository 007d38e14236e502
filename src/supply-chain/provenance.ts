import type { Digest } from '../image/digest.js';
import { imageUrl, packageUrl } from './package-url.js';
import { downloadUrl, publicUrl } from './public-url.js';
import { inOrder, type ShippedPackage } from './shipped-package.js';

/** in-toto attestation framework, spec/v1/statement.md. */
const STATEMENT = 'https://in-toto.io/Statement/v1';
/** https://slsa.dev/spec/v1.0/provenance */
export const PREDICATE_TYPE = 'https://slsa.dev/provenance/v1';

/** How to read the parameters: their meaning changes only with the number. */
const BUILD_TYPE = 'urn:kdeploy:build:v1';
/** kdeploy itself, on whatever machine it runs: without a signature nobody vouches for that one. */
const BUILDER_ID = 'urn:kdeploy:builder';

export interface ProvenanceInput {
  readonly image: { readonly name: string; readonly digest: Digest };
  /** What the user asked for, and can change. */
  readonly parameters: {
    readonly builder: string;
    /** Of Kedro. */
    readonly env: string;
    /** `linux/amd64`. */
    readonly platform: string;
  };
  /** What the builder chose by itself: `{python: '3.11.2', bytecode: true}`. Nothing of this machine belongs here. */
  readonly choices?: Readonly<Record<string, string | number | boolean>>;
  readonly base: { readonly name: string; readonly digest: Digest } | undefined;
  readonly source?: {
    /** Of the repository; without one, or with one on this machine, the commit stands alone. */
    readonly url?: string;
    /** The full commit. */
    readonly commit: string;
    /** Whether there were changes that are not in the commit. */
    readonly isDirty: boolean;
  };
  readonly packages: readonly ShippedPackage[];
  readonly kdeployVersion: string;
  /** RFC 3339. Left out, a build of the same commit has the same provenance on another day. */
  readonly startedOn?: string;
  /** Names the run of a CI service. */
  readonly invocationId?: string;
}

/** in-toto attestation framework, spec/v1/resource_descriptor.md. */
interface ResourceDescriptor {
  readonly name?: string;
  readonly uri?: string;
  readonly digest?: Readonly<Record<string, string>>;
  readonly downloadLocation?: string;
  readonly annotations?: Readonly<Record<string, unknown>>;
}

/**
 * How an image was made and of what, as an in-toto statement with SLSA's provenance, version 1. It is as public as the image:
 * no secret, no path and no name of this machine is in it. The same input gives the same bytes.
 */
export function provenanceOf(input: ProvenanceInput): Buffer {
  const { image, parameters, choices, base, kdeployVersion, startedOn, invocationId } = input;
  const { builder, env, platform } = parameters;
  const metadata = {
    ...(invocationId !== undefined && { invocationId }),
    ...(startedOn !== undefined && { startedOn }),
  };
  const statement = {
    _type: STATEMENT,
    subject: [{ name: image.name, digest: digestSet(image.digest) }],
    predicateType: PREDICATE_TYPE,
    predicate: {
      buildDefinition: {
        buildType: BUILD_TYPE,
        externalParameters: { builder, env, platform, ...(base !== undefined && { base: base.name }) },
        ...(choices !== undefined && { internalParameters: sorted(choices) }),
        resolvedDependencies: dependenciesOf(input),
      },
      runDetails: {
        builder: { id: BUILDER_ID, version: { kdeploy: kdeployVersion } },
        ...(Object.keys(metadata).length > 0 && { metadata }),
      },
    },
  };
  return Buffer.from(JSON.stringify(statement));
}

function dependenciesOf({ base, source, packages }: ProvenanceInput): ResourceDescriptor[] {
  return [
    ...(base === undefined
      ? []
      : [{ name: base.name, uri: imageUrl(base.name, base.digest), digest: digestSet(base.digest) }]),
    ...(source === undefined ? [] : [sourceDescriptor(source)]),
    ...inOrder(packages).map(wheelDescriptor),
  ];
}

function sourceDescriptor({ url, commit, isDirty }: NonNullable<ProvenanceInput['source']>): ResourceDescriptor {
  const shown = url === undefined ? undefined : publicUrl(url);
  return {
    name: 'source',
    // SPDX's form of a repository, which SLSA uses for them.
    ...(shown !== undefined && { uri: shown.startsWith('git+') ? shown : `git+${shown}` }),
    digest: { gitCommit: commit },
    ...(isDirty && { annotations: { uncommittedChanges: true } }),
  };
}

function wheelDescriptor(shipped: ShippedPackage): ResourceDescriptor {
  const { filename, sha256 } = shipped;
  const url = downloadUrl(shipped);
  return {
    name: filename,
    uri: packageUrl(shipped),
    ...(sha256 !== undefined && { digest: { sha256 } }),
    ...(url !== undefined && !url.startsWith('git+') && { downloadLocation: url }),
  };
}

/** in-toto attestation framework, spec/v1/digest_set.md. */
function digestSet(digest: Digest): Record<string, string> {
  const [algorithm = '', hex = ''] = digest.split(':');
  return { [algorithm]: hex };
}

function sorted<Value>(values: Readonly<Record<string, Value>>): Record<string, Value> {
  return Object.fromEntries(Object.entries(values).sort(([one], [other]) => (one < other ? -1 : 1)));
}
