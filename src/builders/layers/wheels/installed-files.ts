import { createHash } from 'node:crypto';
import path from 'node:path';
import type { Content, FileEntry } from '../pack/image-entry.js';
import { InvalidEntryPoints, launcher, parseEntryPoints, type EntryPointScript } from './entry-points.js';
import {
  folderOf,
  isScheme,
  pythonOf,
  scriptsOf,
  sitePackagesOf,
  withoutLinks,
  type InstallLayout,
} from './install-layout.js';
import { installedScript } from './installed-script.js';
import { invalidWheel } from './invalid-wheel.js';
import { PlacedFiles, type PlacedFile } from './placed-files.js';
import { formatRecord, parseRecord, type RecordRow } from './record.js';
import { topLevels } from './top-levels.js';
import type { WheelArchive, WheelEntry } from './wheel-archive.js';
import { readText, readWheelFolders, type WheelFolders } from './wheel-metadata.js';
import type { Wheel } from './wheel.js';

/** What an installer makes of a wheel, bytecode apart. */
export interface InstalledFiles {
  /** In the order of their paths. */
  readonly files: readonly FileEntry[];
  /** The modules to be compiled: those that Python finds, and that an image has a use for; in the order of their paths. */
  readonly sources: readonly PythonSource[];
  /** What another wheel would have to have as well to get in the way of this one (top-levels.ts); the .dist-info is not among it. */
  readonly topLevels: readonly string[];
}

/** A module of a wheel. */
export interface PythonSource {
  /** Its name in the wheel. */
  readonly entry: string;
  /** Its path in the image, without the first slash. */
  readonly path: string;
}

/** Who installed a package (https://packaging.python.org/en/latest/specifications/recording-installed-packages/). */
const INSTALLER = 'kdeploy';

/** Signatures of RECORD, which need not be listed in it. */
const SIGNATURES = ['RECORD.jws', 'RECORD.p7s'];

/**
 * What an installer makes of a wheel, byte for byte as `uv pip install` does
 * (https://packaging.python.org/en/latest/specifications/binary-distribution-format/): the files at their places, scripts
 * that start the environment's Python, programs for the entry points, and the records. What stays as it is stays
 * compressed. REQUESTED is left out, since a lock does not tell what was asked for by name. Throws KdeployError
 * `build-failed` for a wheel that uv refuses too, or whose files get in each other's way.
 */
export async function installedFiles(
  wheel: Pick<Wheel, 'name' | 'filename' | 'directUrl'>,
  archive: WheelArchive,
  layout: InstallLayout,
): Promise<InstalledFiles> {
  const folders = await readWheelFolders(wheel, archive);
  const programs = await readEntryPoints(wheel, archive, folders, layout);
  const record = parseRecord(await readText(wheel.filename, archive, `${folders.distInfo}/RECORD`));
  const sitePackages = sitePackagesOf(layout);
  const distInfo = `${sitePackages}/${folders.distInfo}`;
  const placed = new PlacedFiles(wheel.filename, layout);

  const isData = ({ name }: WheelEntry) => name.startsWith(`${folders.data}/`);
  for (const entry of archive.entries.filter((each) => !isData(each))) {
    const at = `${sitePackages}/${entry.name}`;
    placed.add({ ...unchanged(at, entry, archive, record, folders, sitePackages), over: 'nothing' });
  }
  for (const entry of archive.entries.filter(isData)) {
    const { scheme, name } = placeInData(entry.name, wheel.filename);
    // A program with the name of an entry point gives way to it.
    if (scheme === 'scripts' && programs.some((program) => program.name === withoutSuffix(name))) continue;
    const at = withoutLinks(`${folderOf(scheme, layout, wheel.name)}/${name}`, layout);
    const script = scheme === 'scripts' ? await installedScript(archive, entry, pythonOf(layout)) : undefined;
    if (script !== undefined) placed.add({ ...written(at, script, 0o755, sitePackages), over: 'root' });
    else {
      const file = unchanged(at, entry, archive, record, folders, sitePackages);
      const mode = scheme === 'scripts' ? 0o755 : file.file.mode;
      placed.add({ ...file, file: { ...file.file, mode }, over: 'root' });
    }
  }
  for (const program of programs) {
    const text = Buffer.from(launcher(program, pythonOf(layout)));
    placed.add({ ...written(`${scriptsOf(layout)}/${program.name}`, text, 0o755, sitePackages), over: 'nothing' });
  }
  const texts = {
    INSTALLER,
    ...(wheel.directUrl === undefined ? {} : { 'direct_url.json': JSON.stringify(wheel.directUrl) }),
  };
  for (const [name, text] of Object.entries(texts)) {
    placed.add({ ...written(`${distInfo}/${name}`, Buffer.from(text), 0o644, sitePackages), over: 'anything' });
  }
  placed.add(writtenRecord(placed.all(), `${distInfo}/RECORD`, sitePackages));

  const all = placed.all();
  return {
    files: all.map(({ file }) => file),
    sources: all.flatMap(({ file, entry }) =>
      entry !== undefined && isCompiled(file.path, sitePackages) ? [{ entry: entry.name, path: file.path }] : [],
    ),
    topLevels: topLevels(
      all.map(({ file }) => file.path).filter((each) => !each.startsWith(`${distInfo}/`)),
      sitePackages,
    ),
  };
}

/**
 * A package's own tests can be imported, and are hardly ever run in an image: compiled, those of pandas, SciPy, scikit-learn and
 * NumPy alone would make the bytecode of a Kedro project a quarter larger.
 */
function isCompiled(file: string, sitePackages: string): boolean {
  return (
    file.startsWith(`${sitePackages}/`) && file.endsWith('.py') && !file.slice(sitePackages.length).includes('/tests/')
  );
}

async function readEntryPoints(
  { filename }: Pick<Wheel, 'filename'>,
  archive: WheelArchive,
  { distInfo }: WheelFolders,
  { pythonMinor }: InstallLayout,
): Promise<EntryPointScript[]> {
  const file = `${distInfo}/entry_points.txt`;
  if (!archive.entries.some(({ name }) => name === file)) return [];
  const text = await readText(filename, archive, file);
  try {
    return parseEntryPoints(text, pythonMinor);
  } catch (error) {
    throw error instanceof InvalidEntryPoints ? invalidWheel(filename, error.message) : error;
  }
}

/** The key of a file in .data, and its path below that key's folder. */
function placeInData(entryName: string, filename: string) {
  const [, scheme = '', ...rest] = entryName.split('/');
  if (!isScheme(scheme) || rest.length === 0 || (scheme === 'scripts' && rest.length > 1)) {
    throw invalidWheel(filename, `${entryName} has no place in an environment`);
  }
  return { scheme, name: rest.join('/') };
}

/** A program's name as uv and pip compare it with those of the entry points. */
function withoutSuffix(name: string): string {
  return name.replace(/(?:\.exe|-script\.py|\.pya)$/, '');
}

function unchanged(
  at: string,
  entry: WheelEntry,
  archive: WheelArchive,
  record: ReadonlyMap<string, RecordRow>,
  folders: WheelFolders,
  sitePackages: string,
): Omit<PlacedFile, 'over'> {
  const content: Content =
    entry.method === 8
      ? { kind: 'deflated', size: entry.size, crc32: entry.crc32, open: entry.open }
      : { kind: 'stream', size: entry.size, crc32: entry.crc32, open: () => archive.content(entry) };
  const mode = ((entry.mode ?? 0) & 0o111) === 0 ? 0o644 : 0o755;
  return {
    file: { type: 'file', path: at, uid: 0, gid: 0, mode, content },
    row: rowOf(entry, record, path.posix.relative(sitePackages, at), folders),
    entry,
  };
}

/** As the wheel's RECORD has it. What is missing there gets a row without a hash, as from uv and pip. */
function rowOf(
  entry: WheelEntry,
  record: ReadonlyMap<string, RecordRow>,
  relative: string,
  { distInfo }: WheelFolders,
): RecordRow | undefined {
  const row = record.get(entry.name);
  if (row !== undefined) return { ...row, path: relative };
  if (SIGNATURES.some((name) => entry.name === `${distInfo}/${name}`)) return undefined;
  return { path: relative, hash: '', size: String(entry.size) };
}

function written(at: string, bytes: Buffer, mode: number, sitePackages: string): Omit<PlacedFile, 'over'> {
  return {
    file: { type: 'file', path: at, uid: 0, gid: 0, mode, content: { kind: 'bytes', bytes } },
    row: {
      path: path.posix.relative(sitePackages, at),
      hash: `sha256=${createHash('sha256').update(bytes).digest('base64url')}`,
      size: String(bytes.length),
    },
  };
}

/** In place of the wheel's own. It has no hash of itself. */
function writtenRecord(placed: readonly PlacedFile[], at: string, sitePackages: string): PlacedFile {
  const own: RecordRow = { path: path.posix.relative(sitePackages, at), hash: '', size: '' };
  const others = placed.flatMap(({ file, row }) => (row === undefined || file.path === at ? [] : [row]));
  const bytes = Buffer.from(formatRecord([...others, own]));
  return { ...written(at, bytes, 0o644, sitePackages), row: own, over: 'anything' };
}
