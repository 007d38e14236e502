import { randomUUID } from 'node:crypto';
import { link, mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { systemCodeOf } from '../../errors.js';

/**
 * The whole file appears at once or not at all, and only where there is none: of two that run at the same time one gets
 * `false`. A link does both; where the file system has none, creating the file exclusively at least never overwrites.
 */
export async function writeWholeFile(
  path: string,
  text: string,
  { overwrite }: { readonly overwrite: boolean },
): Promise<boolean> {
  await mkdir(dirname(path), { recursive: true });
  const temporary = join(dirname(path), `.kdeploy-${randomUUID()}.tmp`);
  try {
    await writeNew(temporary, text);
    if (overwrite) {
      await rename(temporary, path);
      return true;
    }
    return await succeedsWhereNothingIs(
      link(temporary, path).catch((error: unknown) => {
        if (!NO_LINKS.includes(systemCodeOf(error) ?? '')) throw error;
        return writeNew(path, text);
      }),
    );
  } finally {
    await rm(temporary, { force: true });
  }
}

const NO_LINKS = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'];

async function succeedsWhereNothingIs(writing: Promise<void>): Promise<boolean> {
  try {
    await writing;
    return true;
  } catch (error) {
    if (systemCodeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

async function writeNew(path: string, text: string): Promise<void> {
  const handle = await open(path, 'wx');
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
}
