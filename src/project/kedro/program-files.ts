import { access, open, realpath } from 'node:fs/promises';
import { isRunnable } from '../../find-program.js';

/** What is asked of the file system about programs. */
export interface ProgramFiles {
  canRun(file: string, isWindows: boolean): Promise<boolean>;
  exists(file: string): Promise<boolean>;
  /** Its beginning, in which a script names its interpreter. */
  head(file: string): Promise<string>;
  /** Without links. */
  real(file: string): Promise<string>;
}

export const PROGRAM_FILES: ProgramFiles = {
  canRun: isRunnable,
  exists,
  head,
  real: (file) => realpath(file),
};

function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}

async function head(file: string): Promise<string> {
  const handle = await open(file, 'r');
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(1024), 0, 1024, 0);
    return buffer.subarray(0, bytesRead).toString('utf8');
  } finally {
    await handle.close();
  }
}
