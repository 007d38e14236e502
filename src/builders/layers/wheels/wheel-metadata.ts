import type { Wheel } from './wheel.js';
import type { WheelArchive } from './wheel-archive.js';
import { invalidWheel } from './invalid-wheel.js';
import { normaliseName } from '../../../project/python/name.js';

/** The folders of a wheel that an installer looks into. */
export interface WheelFolders {
  /** `numpy-2.3.5.dist-info`. */
  readonly distInfo: string;
  /** `numpy-2.3.5.data`, which few wheels have. */
  readonly data: string;
}

/**
 * Finds the folders of a wheel, and makes sure that it is the one that its file name says
 * (https://packaging.python.org/en/latest/specifications/binary-distribution-format/). Throws KdeployError `build-failed`.
 */
export async function readWheelFolders(
  { filename }: Pick<Wheel, 'filename'>,
  archive: WheelArchive,
): Promise<WheelFolders> {
  const found = new Set(archive.entries.flatMap(({ name }) => /^[^/]+\.dist-info(?=\/)/.exec(name) ?? []));
  const [distInfo] = found;
  if (distInfo === undefined) throw invalidWheel(filename, 'it has no .dist-info folder');
  if (found.size > 1) {
    throw invalidWheel(filename, `it has several .dist-info folders: ${[...found].sort().join(', ')}`);
  }
  assertKnownFormat(filename, headersOf(await readText(filename, archive, `${distInfo}/WHEEL`)));
  await assertNamed(filename, headersOf(await readText(filename, archive, `${distInfo}/METADATA`)));
  return { distInfo, data: `${distInfo.slice(0, -'.dist-info'.length)}.data` };
}

/** The text of a file that every wheel has. */
export async function readText(filename: string, archive: WheelArchive, name: string): Promise<string> {
  const entry = archive.entries.find((each) => each.name === name);
  if (entry === undefined) throw invalidWheel(filename, `it has no ${name}`);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(await archive.read(entry));
  } catch (error) {
    if (error instanceof TypeError) throw invalidWheel(filename, `${name} is not in UTF-8`, error);
    throw error;
  }
}

/** Installers have to refuse a later major version. Of several lines the first counts, as for pip. */
function assertKnownFormat(filename: string, headers: ReadonlyMap<string, string>): void {
  const version = headers.get('wheel-version');
  if (version === undefined) throw invalidWheel(filename, 'its file WHEEL has no Wheel-Version');
  if (!/^[01]\.\d+$/.test(version)) {
    throw invalidWheel(filename, `its format has the version ${version}, and kdeploy knows version 1`);
  }
}

async function assertNamed(filename: string, headers: ReadonlyMap<string, string>): Promise<void> {
  const [expectedName, expectedVersion] = nameAndVersion(filename);
  const [name, version] = [headers.get('name'), headers.get('version')];
  if (name === undefined || version === undefined) {
    throw invalidWheel(filename, 'its file METADATA has no Name or no Version');
  }
  const isSame = normaliseName(name) === normaliseName(expectedName) && (await isSameVersion(version, expectedVersion));
  if (!isSame) throw invalidWheel(filename, `it is ${name} ${version}`);
}

function nameAndVersion(filename: string): [name: string, version: string] {
  const parts = filename.endsWith('.whl') ? filename.slice(0, -'.whl'.length).split('-') : [];
  const [name, version] = parts;
  if (name === undefined || version === undefined || (parts.length !== 5 && parts.length !== 6)) {
    throw invalidWheel(filename, 'its file name is not that of a wheel');
  }
  return [name, version];
}

/** A file name may have a local part (`+cpu`) that the metadata lacks, as uv allows. */
async function isSameVersion(version: string, inFilename: string): Promise<boolean> {
  const { compareVersions, isVersion } = await import('../../../project/python/pep440.js');
  return [inFilename, inFilename.replace(/\+.*/, '')].some(
    (each) => isVersion(version) && isVersion(each) && compareVersions(version, each) === 0,
  );
}

/** The first value of each header, by its name in lower case; the body and continued lines do not matter here. */
function headersOf(text: string): Map<string, string> {
  const headers = new Map<string, string>();
  for (const line of text.split(/\r\n|\r|\n/)) {
    if (line === '') break;
    const [, name, value] = /^([^:\s]+)\s*:(.*)$/.exec(line) ?? [];
    if (name === undefined || value === undefined || headers.has(name.toLowerCase())) continue;
    headers.set(name.toLowerCase(), value.trim());
  }
  return headers;
}
