import { basename, dirname, resolve } from 'node:path';
import { KdeployError } from '../errors.js';
import { inFolderOf } from '../guarded-file.js';
import { existingRealPath } from '../real-path.js';
import type { BuiltImage } from './build-image.js';

/** What `--metadata-file` contains; read by CI jobs, so keys are only ever added. */
export interface BuildMetadata {
  readonly version: 1;
  /** The image's ID on the engine. */
  readonly id: string;
  readonly tags: readonly string[];
  /** The registry's digest; `null` until pushed. */
  readonly digest: string | null;
  /** `name@sha256:…`, one for each tag; empty until pushed. */
  readonly references: readonly string[];
  readonly plan: string;
}

/** Writes the file in one move, so that a job that waits for it never reads half of it. Throws KdeployError `usage`. */
export async function writeMetadata(
  file: string,
  built: Pick<BuiltImage, 'id' | 'tags' | 'plan'>,
  pushed: readonly { readonly digest: string; readonly reference: string }[] | undefined,
): Promise<void> {
  const metadata: BuildMetadata = {
    version: 1,
    id: built.id,
    tags: built.tags,
    digest: pushed?.[0]?.digest ?? null,
    references: pushed?.map(({ reference }) => reference) ?? [],
    plan: built.plan,
  };
  try {
    const real = await existingRealPath(resolve(file));
    const content = `${JSON.stringify(metadata, undefined, 2)}\n`;
    await inFolderOf(dirname(real), basename(real), (folder, name) => folder.replace(name, { content }));
  } catch (error) {
    throw notWritten(`the metadata file ${file} could not be written; the image is built and tagged`, error);
  }
}

/** Before a build of minutes: writes as much, and takes it away again. Throws KdeployError `usage`. */
export async function assertMetadataWritable(file: string): Promise<void> {
  const content = Buffer.alloc(8 * 1024);
  try {
    const real = await existingRealPath(resolve(file));
    await inFolderOf(dirname(real), basename(real), (folder, name) => folder.tryOut(name, { content }));
  } catch (error) {
    throw notWritten(`the metadata file ${file} cannot be written; nothing was built`, error);
  }
}

function notWritten(message: string, cause: unknown): KdeployError {
  return new KdeployError('usage', message, { cause, hint: 'choose a file in a folder that exists and is writable' });
}
