import { KdeployError } from '../../../errors.js';
import type { ImagePython } from '../image-python.js';
import { describePython } from './image-environment.js';
import type { Artifact, SourceArchive, WheelFile } from './locked-package.js';
import { parseWheelName } from './wheel-name.js';
import { bestWheel } from './wheel-tags.js';

/** What a lock says of one release: the files of an index, of which one is installed. */
export interface Release {
  readonly name: string;
  readonly version: string | undefined;
  readonly wheels: readonly HashedFile<WheelFile>[];
  readonly sdist: HashedFile<SourceArchive> | undefined;
}

export interface HashedFile<File> {
  readonly file: File;
  /** Of every kind, as pip writes them: `sha256:…`. */
  readonly hashes: readonly string[];
}

/** The hashes that the project allows, by package; `undefined`: it names none for any of them. */
export type AllowedHashes = ReadonlyMap<string, readonly string[]> | undefined;

/** Wheels in a message. */
const MAXIMUM_NAMED = 5;

/**
 * The file that pip would install of a release: of those whose hash is allowed the best wheel, else the sdist.
 * Throws KdeployError `build-failed`: none fits; `configuration`: none has an allowed hash.
 */
export function chooseArtifact(release: Release, python: ImagePython, allowed: AllowedHashes): Artifact {
  const hashes = allowed === undefined ? undefined : hashesOf(release, allowed);
  const isAllowed = (each: HashedFile<unknown>): boolean =>
    hashes === undefined || each.hashes.some((hash) => hashes.includes(hash));
  const wheels = release.wheels.filter(isAllowed).map(({ file }) => file);
  const sdist = release.sdist !== undefined && isAllowed(release.sdist) ? release.sdist.file : undefined;
  const chosen = bestWheel(wheels, python) ?? sdist;
  if (chosen !== undefined) return chosen;
  const all = release.wheels.map(({ file }) => file);
  if (hashes !== undefined && (bestWheel(all, python) ?? release.sdist) !== undefined)
    throw hashMismatch(release, hashes);
  throw noWheel(release, python, all);
}

/** A wheel that is named by its URL or path. */
export function checkWheelFits(name: string, wheel: WheelFile, python: ImagePython): WheelFile {
  if (bestWheel([wheel], python) !== undefined) return wheel;
  throw noWheel({ name, version: parseWheelName(wheel.filename)?.version }, python, [wheel]);
}

export function checkHash(name: string, file: HashedFile<Artifact>, allowed: AllowedHashes): void {
  if (allowed === undefined) return;
  const hashes = hashesOf({ name, version: undefined }, allowed);
  if (!file.hashes.some((hash) => hashes.includes(hash))) throw hashMismatch({ name, version: undefined }, hashes);
}

type Named = Pick<Release, 'name' | 'version'>;

function hashesOf(release: Named, allowed: Exclude<AllowedHashes, undefined>): readonly string[] {
  const hashes = allowed.get(release.name) ?? [];
  if (hashes.length > 0) return hashes;
  throw new KdeployError(
    'configuration',
    `${shown(release)} is needed, but it has no hash in the requirements, where other packages have one`,
    {
      hint: 'compile them again, with hashes for all: uv pip compile --generate-hashes, or pip-compile --generate-hashes',
    },
  );
}

function hashMismatch(release: Named, hashes: readonly string[]): KdeployError {
  return new KdeployError(
    'configuration',
    `no file of ${shown(release)} that fits has one of the hashes that are locked for it (${hashes[0] ?? ''}${hashes.length > 1 ? `, and ${hashes.length - 1} more` : ''})`,
    { hint: 'the index has other files than when it was locked: find out why before you lock it again' },
  );
}

function noWheel(release: Named, python: ImagePython, wheels: readonly WheelFile[]): KdeployError {
  const tags = wheels
    .map(({ filename }) => /(?<=-)[^-]+-[^-]+-[^-]+(?=\.whl$)/.exec(filename)?.[0])
    .filter((tag) => tag !== undefined);
  const more = tags.length > MAXIMUM_NAMED ? `, and ${tags.length - MAXIMUM_NAMED} more` : '';
  const existing = tags.length === 0 ? '' : `; there are wheels for ${tags.slice(0, MAXIMUM_NAMED).join(', ')}${more}`;
  return new KdeployError(
    'build-failed',
    `${shown(release)} has no wheel for the image (${describePython(python)}) and no source that could be built${existing}`,
    { hint: `choose another version of ${release.name}, or a base image that one of its wheels fits` },
  );
}

function shown({ name, version }: Named): string {
  return version === undefined ? name : `${name} ${version}`;
}
