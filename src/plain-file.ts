import { constants } from 'node:fs';
import { open } from 'node:fs/promises';

/** Far above any file of settings, certificates or secrets. */
const MAXIMUM_BYTES = 64 * 1024 * 1024;

/**
 * The bytes of a file outside a project: settings, certificates, secrets. A pipe that nobody writes to would be waited for
 * in a thread of its own, which neither Ctrl-C nor SIGTERM ends, and a device has no end. Throws what the file system does.
 */
export async function readPlainFile(file: string): Promise<Buffer> {
  // Without O_NONBLOCK opening waits for a writer (Windows has none: undefined, so 0).
  const handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const stats = await handle.stat();
    // A folder says EISDIR by itself.
    if (!stats.isFile() && !stats.isDirectory()) throw refusal('ENXIO', 'not an ordinary file', file);
    if (stats.size > MAXIMUM_BYTES) throw refusal('E2BIG', `larger than ${MAXIMUM_BYTES} bytes`, file);
    return await handle.readFile();
  } finally {
    await handle.close();
  }
}

/** As Node says what the system refuses. */
function refusal(code: string, what: string, path: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${code}: ${what}, read '${path}'`), { code, syscall: 'read', path });
}
