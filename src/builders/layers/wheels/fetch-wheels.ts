import { KdeployError } from '../../../errors.js';
import { systemClock, type Clock } from '../../../places/registry/clock.js';
import type { Wire } from '../../../places/registry/wire.js';
import type { IndexCredentials } from '../resolve/index-credentials.js';
import type { LockedPackage } from '../resolve/locked-package.js';
import { buildArchive, buildCommit, buildFolder } from './build-source.js';
import type { BuiltWheel, Workshop } from './build-wheel.js';
import { cameAsAsked } from './came-as-asked.js';
import { directUrlOf } from './direct-url.js';
import { fetchFile, type FetchFileParts } from './fetch-file.js';
import { ProgressSum, type FetchProgress } from './fetch-progress.js';
import { IndexLogins } from './index-logins.js';
import { indexWire } from './index-wire.js';
import type { Wheel } from './wheel.js';
import { parseWheelName } from './wheel-name.js';

export interface FetchWheelsParts extends Workshop {
  readonly uv: { readonly program: string; readonly version: string };
  readonly credentials: readonly IndexCredentials[];
  readonly onProgress: (at: FetchProgress) => void;
  /** How files are asked for; another way in tests. */
  readonly wire?: Wire;
  readonly clock?: Clock;
}

const DOWNLOADS_AT_ONCE = 8;
const BUILDS_AT_ONCE = 2;

/**
 * The wheels of a lock, by the names of their packages: from the cache, downloaded, or built. Whatever fails first ends all.
 * Throws KdeployError.
 */
export async function fetchWheels(
  packages: readonly LockedPackage[],
  parts: FetchWheelsParts,
): Promise<ReadonlyMap<string, Wheel>> {
  const ended = new AbortController();
  const signal = AbortSignal.any([parts.signal, ended.signal]);
  const { cache, credentials, environment } = parts;
  const progress = new ProgressSum(packages.length, parts.onProgress);
  for (const { name, artifact } of packages) if ('filename' in artifact) progress.expect(name, artifact.size);
  const fetching = {
    ...{ cache, signal },
    wire: parts.wire ?? indexWire(environment),
    logins: new IndexLogins({ credentials, environment, signal }),
    clock: parts.clock ?? systemClock,
    random: Math.random,
  };
  const wheels = new Map<string, Wheel>();
  const one = async (asked: LockedPackage): Promise<void> => {
    const file = { ...fetching, onBytes: (bytes: number) => progress.at(asked.name, bytes) };
    wheels.set(asked.name, await wheelOf(asked, file, { ...parts, signal }));
    progress.done(asked.name);
  };
  const ready = packages.filter(({ artifact }) => artifact.kind === 'wheel').sort((a, b) => sizeOf(b) - sizeOf(a));
  const unbuilt = packages.filter(({ artifact }) => artifact.kind !== 'wheel');
  let failure: { readonly error: unknown } | undefined;
  const work = async (queue: LockedPackage[]): Promise<void> => {
    for (let next = queue.shift(); next !== undefined && failure === undefined; next = queue.shift()) {
      await one(next).catch((error: unknown) => {
        failure ??= { error };
        ended.abort();
      });
    }
  };
  await Promise.all([
    ...Array.from({ length: DOWNLOADS_AT_ONCE }, () => work(ready)),
    ...Array.from({ length: BUILDS_AT_ONCE }, () => work(unbuilt)),
  ]);
  if (parts.signal.aborted) throw new KdeployError('interrupted', 'interrupted');
  if (failure !== undefined) throw failure.error;
  return new Map(packages.flatMap(({ name }) => [...entryOf(wheels, name)]));
}

/** The largest first, since it takes longest; what may be large as well. */
function sizeOf({ artifact }: LockedPackage): number {
  return 'size' in artifact && artifact.size !== undefined ? artifact.size : Number.MAX_SAFE_INTEGER;
}

async function wheelOf(asked: LockedPackage, parts: FetchFileParts, workshop: Workshop): Promise<Wheel> {
  const { artifact } = asked;
  switch (artifact.kind) {
    case 'wheel': {
      cameAsAsked(asked, artifact.filename);
      const kept = await fetchFile(artifact, parts);
      return asWheel(asked, { ...kept, filename: artifact.filename }, directUrlOf(artifact, kept.sha256));
    }
    case 'archive': {
      // Without a hash in the lock it has to be here to know whether its wheel was built before.
      const known = artifact.sha256 === undefined ? await fetchFile(artifact, parts) : undefined;
      const archive = {
        sha256: known?.sha256 ?? artifact.sha256 ?? '',
        file: async () => (known ?? (await fetchFile(artifact, parts))).file,
      };
      const built = await buildArchive(asked, artifact, archive, workshop);
      return asWheel(asked, built, directUrlOf(artifact, archive.sha256));
    }
    case 'git':
      return asWheel(asked, await buildCommit(asked, artifact, workshop), directUrlOf(artifact));
    case 'folder':
      return asWheel(asked, await buildFolder(asked, artifact, workshop), undefined);
  }
}

function asWheel({ name, version }: LockedPackage, built: BuiltWheel, directUrl: Wheel['directUrl']): Wheel {
  const { filename, file, sha256, size } = built;
  return { name, version: version ?? parseWheelName(filename)?.version ?? '', filename, file, sha256, size, directUrl };
}

function* entryOf(wheels: ReadonlyMap<string, Wheel>, name: string): Generator<[string, Wheel]> {
  const wheel = wheels.get(name);
  if (wheel !== undefined) yield [name, wheel];
}
