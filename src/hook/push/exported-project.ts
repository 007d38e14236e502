import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, sep } from 'node:path';
import { KdeployError } from '../../errors.js';
import { findKedro } from '../../project/kedro/kedro-command.js';
import { readConfigWithKedro } from '../../project/kedro/kedro-config.js';
import type { Project } from '../../project/project.js';
import { fileProblem } from '../../system-error.js';
import type { KedroConfig } from '../../project/tracking/tracking-config.js';

export interface ExportOptions {
  readonly env: string;
  readonly kedro: string | undefined;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/**
 * What the project's own Kedro says of a project that is not in the work tree. Kedro reads folders, and settings.py may
 * import any module of its package: so the project's files are written to a temporary folder, which is gone afterwards.
 * Throws what `readConfigWithKedro` throws.
 */
export async function readExportedWithKedro(
  reason: string,
  project: Project,
  { env, kedro, environment }: ExportOptions,
): Promise<KedroConfig> {
  // Only for its owner (mode 700): configuration is nobody else's matter on a shared machine.
  const folder = await temporaryFolder();
  try {
    await writeProject(project, folder).catch((error: unknown) => {
      throw temporaryProblem(error);
    });
    return await readConfigWithKedro(reason, {
      projectRoot: folder,
      env,
      environment,
      // The virtual environment is beside the real project.
      findKedro: () => findKedro({ projectRoot: project.root, given: kedro, environment }),
    });
  } catch (error) {
    throw withoutFolder(error, folder, project.root);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function temporaryFolder(): Promise<string> {
  try {
    return await realpath(await mkdtemp(join(tmpdir(), 'kdeploy-commit-')));
  } catch (error) {
    throw temporaryProblem(error);
  }
}

function temporaryProblem(error: unknown): unknown {
  const problem = fileProblem(error);
  if (problem === undefined) return error;
  const hint = 'set TMPDIR to a folder that exists, can be written to, and has space';
  return new KdeployError('configuration', problem.message, { cause: error, hint });
}

/** Folders of data and notes; neither settings.py nor configuration is in them. */
const SKIPPED_FOLDERS = new Set(['data', 'docs', 'logs', 'mlruns', 'node_modules', 'notebooks', '.git', '.venv']);
const MAXIMUM_FILES = 20_000;
const FILES_AT_ONCE = 32;

async function writeProject({ source }: Project, folder: string): Promise<void> {
  const files = await source.list('', (path) => SKIPPED_FOLDERS.has(path));
  if (files.length > MAXIMUM_FILES) {
    throw new KdeployError(
      'configuration',
      `only Kedro can read the configuration, but the project has too many files to export for it (${files.length})`,
      { hint: 'keep data out of git, or in the folder data/' },
    );
  }
  for (let start = 0; start < files.length; start += FILES_AT_ONCE) {
    await Promise.all(files.slice(start, start + FILES_AT_ONCE).map(write));
  }

  async function write(file: string): Promise<void> {
    const target = join(folder, file);
    // A name that has a meaning on this system (`..\x` on Windows) and none in git.
    if (!target.startsWith(folder + sep)) return;
    const bytes = await readable(file);
    if (bytes === undefined) return;
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, bytes);
  }

  /** A link out of the project, or a file of megabytes, is none that Kedro needs for its configuration. */
  async function readable(file: string): Promise<Buffer | undefined> {
    try {
      return await source.read(file);
    } catch (error) {
      if (error instanceof KdeployError && error.place !== undefined) return undefined;
      throw error;
    }
  }
}

/** The temporary folder is gone when the message is read: the project's own place says more. */
function withoutFolder(error: unknown, folder: string, root: string): unknown {
  if (!(error instanceof KdeployError)) return error;
  const { code, message, hint, place, cause, output } = error;
  return new KdeployError(code, message.replaceAll(folder, root), {
    ...(hint === undefined ? {} : { hint: hint.replaceAll(folder, root) }),
    ...(place === undefined ? {} : { place }),
    cause,
    output: output.map((line) => line.replaceAll(folder, root)),
  });
}
