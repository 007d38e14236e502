import path from 'node:path';
import { KdeployError } from '../../../errors.js';
import { inFolderOf } from '../../../guarded-file.js';
import { fileProblem } from '../../../system-error.js';
import { redact } from '../../../secrets/redaction.js';
import { runChildProcess } from '../../kedro/child-process.js';
import { OutputTail } from '../../kedro/output-tail.js';
import type { GitCommit, LocalFolder, LockedPackage, SourceArchive } from '../resolve/locked-package.js';
import { buildWheel, type BuiltWheel, type Workshop } from './build-wheel.js';
import { checkOut } from './git-checkout.js';
import { readFileStream } from './kept-file.js';
import { copyFiles, hashOfFiles, projectFiles } from './project-files.js';
import { takesVersionFromGit } from './version-from-git.js';

/** The wheel of an sdist, or of a project in another archive. */
export function buildArchive(
  asked: LockedPackage,
  { filename, subdirectory }: SourceArchive,
  { sha256, file }: { readonly sha256: string; readonly file: () => Promise<string> },
  workshop: Workshop,
): Promise<BuiltWheel> {
  return buildWheel(
    {
      asked,
      ingredients: ['archive', sha256, subdirectory ?? ''],
      prepare: async (folder, python) => {
        const content = readFileStream(await file());
        // uv goes by the ending of its name.
        await inFolderOf(folder, path.basename(filename), (target, name) => target.replace(name, { content }));
        const archive = path.join(folder, path.basename(filename));
        if (subdirectory === undefined) return archive;
        return path.join(await unpack(archive, path.join(folder, 'unpacked'), python, asked, workshop), subdirectory);
      },
    },
    workshop,
  );
}

/** The wheel of a commit. */
export function buildCommit(asked: LockedPackage, commit: GitCommit, workshop: Workshop): Promise<BuiltWheel> {
  const { subdirectory = '' } = commit;
  return buildWheel(
    {
      asked,
      ingredients: ['git', commit.url, commit.commit, subdirectory],
      prepare: async (folder) => {
        await checkOut(commit, folder, workshop);
        return path.join(folder, subdirectory);
      },
    },
    workshop,
  );
}

/**
 * The wheel of a project on this machine. It is built from a copy: setuptools leaves files in the folder that it builds in,
 * and takes old ones that it finds there for new; and a copy has the same modes for everybody. In place is built what needs
 * more than its folder: its repository, what a link leads to, or a file elsewhere, without which the copy's build fails.
 */
export async function buildFolder(
  asked: LockedPackage,
  { path: folder }: LocalFolder,
  workshop: Workshop,
): Promise<BuiltWheel> {
  const inPlace = { asked, ingredients: undefined, prepare: () => Promise.resolve(folder) };
  try {
    if (await takesVersionFromGit([folder])) return await buildWheel(inPlace, workshop);
    const files = await projectFiles(folder, workshop.environment);
    if (files === undefined) return await buildWheel(inPlace, workshop);
    const prepare = async (copy: string): Promise<string> => {
      await copyFiles(folder, files, copy);
      return copy;
    };
    const ingredients = ['folder', await hashOfFiles(folder, files)];
    return await buildWheel({ asked, ingredients, prepare }, workshop).catch((error: unknown) => {
      if (error instanceof KdeployError && error.code === 'build-failed') return buildWheel(inPlace, workshop);
      throw error;
    });
  } catch (error) {
    throw fileProblem(error) ?? error;
  }
}

/** uv builds the top of an archive only. Python unpacks what it is going to run. Returns the folder that all is in. */
async function unpack(
  archive: string,
  to: string,
  python: string,
  asked: LockedPackage,
  { environment, signal }: Workshop,
): Promise<string> {
  const tail = new OutputTail();
  const { exitCode } = await runChildProcess(python, ['-I', '-c', UNPACK, archive, to], {
    folder: path.dirname(archive),
    environment,
    isWholeEnvironment: true,
    signal,
    onLine: (line) => tail.add(redact(line)),
  });
  const [top] = tail.lines;
  if (exitCode === 0 && top !== undefined) return path.join(to, top);
  throw new KdeployError('build-failed', `the archive of ${asked.name} could not be unpacked`, {
    output: tail.lines,
    hint: 'check that the URL of the requirement leads to an archive',
  });
}

/** An archive of a code host has one folder with all of the rest in it. */
const UNPACK = `
import os, shutil, sys
shutil.unpack_archive(sys.argv[1], sys.argv[2])
found = os.listdir(sys.argv[2])
only = len(found) == 1 and os.path.isdir(os.path.join(sys.argv[2], found[0]))
print(found[0] if only else '.')
`;
