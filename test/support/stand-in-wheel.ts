import { mkdir } from 'node:fs/promises';
import path from 'node:path';

import { run } from './environment/commands.js';

/** A wheel by hand: one module whose `main` becomes another program, and console scripts for it. */
const MAKE = `
import sys, zipfile
folder, version, scripts, program = sys.argv[1], sys.argv[2], sys.argv[3].split(), sys.argv[4:]
info = f"kdeploy-{version}.dist-info"
files = {
    "kdeploy_stand_in.py": f"import os, sys\\ndef main():\\n    os.execv({program[0]!r}, {program!r} + sys.argv[1:])\\n",
    f"{info}/METADATA": f"Metadata-Version: 2.1\\nName: kdeploy\\nVersion: {version}\\n",
    f"{info}/WHEEL": "Wheel-Version: 1.0\\nGenerator: a test\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n",
    f"{info}/entry_points.txt": "[console_scripts]\\n" + "".join(f"{name} = kdeploy_stand_in:main\\n" for name in scripts),
}
with zipfile.ZipFile(f"{folder}/kdeploy-{version}-py3-none-any.whl", "w") as wheel:
    for name, text in files.items():
        wheel.writestr(name, text)
    wheel.writestr(f"{info}/RECORD", "".join(f"{name},,\\n" for name in [*files, f"{info}/RECORD"]))
`;

/**
 * A folder for pip's --find-links, with a wheel `kdeploy` that starts `program`. A script of the name `kedro` beside it is what the
 * project's kedro must not be taken for.
 */
export async function standInWheel(folder: string, version: string, program: readonly string[]): Promise<string> {
  await mkdir(folder, { recursive: true });
  await run(['python3', '-c', MAKE, folder, version, 'kdeploy kedro', ...program]);
  return path.resolve(folder);
}
