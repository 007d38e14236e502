import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** The package's own folder; this file stands one level below it, as source and compiled. */
const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** How kdeploy is installed: the package of npm, whichever program unpacked it; the Python wheel or sdist; or a checkout. */
export type Installation = 'npm' | 'wheel' | 'source';

/** By what lies beside the program: the wheel's has the Python package around it, and only a checkout has the sources. */
export function installation(root: string = ROOT): Installation {
  if (existsSync(path.join(root, 'src/command-line.ts'))) return 'source';
  return existsSync(path.join(root, '../_program.py')) ? 'wheel' : 'npm';
}
