import { rename, rm, writeFile } from 'node:fs/promises';
import { KdeployError } from '../errors.js';
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
  built: BuiltImage,
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
  const temporary = `${file}.${process.pid}.tmp`;
  try {
    await writeFile(temporary, `${JSON.stringify(metadata, undefined, 2)}\n`);
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw new KdeployError('usage', `the metadata file ${file} could not be written; the image is built and tagged`, {
      cause: error,
      hint: 'choose a file in a folder that exists and is writable',
    });
  }
}
