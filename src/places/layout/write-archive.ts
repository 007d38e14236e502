import { stat } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import { KdeployError } from '../../errors.js';
import { inFolderOf } from '../../guarded-file.js';
import { existingRealPath } from '../../real-path.js';
import { ArchiveSink } from './archive-sink.js';
import { unlessMissing } from './folder-files.js';

/**
 * Writes an OCI image layout into a TAR file, with what `work` gives the sink. The file appears when all of it is there, in
 * the place of one that was there before; until then, and for good where anything fails, it is as it was. Throws KdeployError
 * `usage` for a path that cannot be one of a file, `configuration` for what the file system refuses, and what `work` throws.
 */
export async function writeArchive<Result>(
  path: string,
  work: (sink: ArchiveSink) => Promise<Result>,
  signal: AbortSignal,
): Promise<Result> {
  const [{ pack }, file] = await Promise.all([import('tar-stream'), fileFor(path)]);
  const archive = pack();
  // What is wrong is said by the promises below.
  archive.on('error', () => undefined);
  const sink = new ArchiveSink(`oci-archive:${path}`, archive, signal);
  const making = work(sink).then(async (result) => {
    await sink.finish();
    return result;
  });
  const writer = { takesBytes: false };
  const content = whileTaken(archive as AsyncIterable<Uint8Array>, writer);
  const last = async (): Promise<void> => {
    signal.throwIfAborted();
    // Whatever the streams say, what is not whole gets no name.
    await making;
  };
  const writing = inFolderOf(dirname(file), basename(file), (folder, name) => folder.replace(name, { content }, last), {
    shown: path,
  });
  // Neither goes on where the other has failed.
  for (const each of [making, writing]) each.catch(() => archive.destroy());
  const [made, written] = await Promise.allSettled([making, writing]);
  signal.throwIfAborted();
  if (written.status === 'rejected' && !writer.takesBytes) throw written.reason;
  if (made.status === 'rejected') throw made.reason;
  if (written.status === 'rejected') throw written.reason;
  return made.value;
}

/**
 * The bytes as they come, and whether whoever writes them still takes them. That tells who failed first: streams that were
 * broken off say no more than that.
 */
async function* whileTaken(
  bytes: AsyncIterable<Uint8Array>,
  writer: { takesBytes: boolean },
): AsyncGenerator<Uint8Array> {
  writer.takesBytes = true;
  for await (const chunk of bytes) {
    let isDone = false;
    try {
      yield chunk;
      isDone = true;
    } finally {
      writer.takesBytes = isDone;
    }
  }
}

/**
 * Before an image is made that is to go there: writes an empty file beside it, and takes it away again. Throws KdeployError
 * `usage` and `configuration`.
 */
export async function assertArchiveWritable(path: string): Promise<void> {
  const file = await fileFor(path);
  await inFolderOf(dirname(file), basename(file), (folder, name) => folder.tryOut(name, { content: '' }), {
    shown: path,
  });
}

/** Where a link leads to is where the user wants the file. Devices are not replaced, such as /dev/null. */
async function fileFor(path: string): Promise<string> {
  const file = await existingRealPath(resolve(path));
  const [entry, parent] = await Promise.all([unlessMissing(stat(file)), unlessMissing(stat(dirname(file)))]);
  if (entry?.isDirectory() === true || /[\\/]$/.test(path))
    throw new KdeployError('usage', `${path} is a folder; kdeploy writes an archive into a file`, {
      hint: `name a file: oci-archive:FILE; for a layout in a folder: oci:${path}`,
    });
  if (entry?.isFile() === false)
    throw new KdeployError('usage', `${path} is not a file, so it cannot be replaced with an archive`, {
      hint: 'name a file, or one that does not exist yet',
    });
  if (parent?.isDirectory() !== true)
    throw new KdeployError('usage', `there is no folder ${dirname(path)} to write ${basename(path)} into`, {
      hint: 'create the folder, or correct the path',
    });
  return file;
}
