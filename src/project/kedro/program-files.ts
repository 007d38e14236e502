import { constants } from 'node:fs';
import { access, open, realpath } from 'node:fs/promises';

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
  // Windows has no right to execute: there a file is a program by its ending.
  canRun: (file, isWindows) => isAccessible(file, isWindows ? constants.F_OK : constants.X_OK),
  exists: (file) => isAccessible(file, constants.F_OK),
  head,
  real: (file) => realpath(file),
};

function isAccessible(file: string, mode: number): Promise<boolean> {
  return access(file, mode).then(
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
