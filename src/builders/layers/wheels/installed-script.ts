import type { WheelArchive, WheelEntry } from './wheel-archive.js';

const PLACEHOLDER = Buffer.from('#!python');

/**
 * A script whose first line is `#!python` or `#!pythonw`, with the environment's Python in that line; `undefined` for one
 * that stays as it is, such as a program of 50 MB. As uv does it, the first line ends at a carriage return too, which is
 * replaced by a line feed (crates/uv-install-wheel/src/wheel.rs, install_script).
 */
export async function installedScript(
  archive: WheelArchive,
  entry: WheelEntry,
  python: string,
): Promise<Buffer | undefined> {
  if (!(await archive.readStart(entry, PLACEHOLDER.length)).equals(PLACEHOLDER)) return undefined;
  const script = await archive.read(entry);
  const end = script.findIndex((byte) => byte === 0x0a || byte === 0x0d);
  return Buffer.concat([Buffer.from(`#!${python}\n`), end === -1 ? Buffer.alloc(0) : script.subarray(end + 1)]);
}
