import { basename, dirname, join } from 'node:path';
import { GuardedFolder, type NewFile } from './guarded-folder.js';
import { fileProblem } from './system-error.js';

interface InFolderOptions {
  /** Makes the folders that are missing. */
  readonly create?: boolean;
  /** How the user knows the file, where its path below the root says too little. */
  readonly shown?: string;
}

/**
 * Opens the folder of a file for some steps. Throws KdeployError `configuration` for what the guarded folder refuses, and
 * for what the file system does.
 */
export async function inFolderOf<Result>(
  root: string,
  file: string,
  work: (folder: GuardedFolder, name: string) => Promise<Result>,
  { create = false, shown = file }: InFolderOptions = {},
): Promise<Result> {
  let folder: GuardedFolder | undefined;
  try {
    folder = await GuardedFolder.open(root, dirname(file), { create });
    return await work(folder, basename(file));
  } catch (error) {
    throw fileProblem(withoutDescriptor(error, join(root, dirname(file))), shown, 'written') ?? error;
  } finally {
    await folder?.close();
  }
}

/** The path of a descriptor says nothing to anybody. */
function withoutDescriptor(error: unknown, folder: string): unknown {
  if (error instanceof Error) error.message = error.message.replaceAll(/\/proc\/self\/fd\/\d+/g, folder);
  return error;
}

/** Creates a file below the root, with its folders; `false` where there is something already. */
export function createFile(root: string, file: string, content: NewFile['content']): Promise<boolean> {
  return inFolderOf(root, file, (folder, name) => folder.create(name, { content }), { create: true });
}

/** Creates or replaces a file below the root, with its folders. It takes the place of a link: what that leads to stays as it is. */
export function replaceFile(root: string, file: string, content: NewFile['content']): Promise<void> {
  return inFolderOf(root, file, (folder, name) => folder.replace(name, { content }), { create: true });
}
