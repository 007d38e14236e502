import type { WheelArchive, WheelEntry } from './wheel-archive.js';

const PLACEHOLDER = Buffer.from('#!python');

/**
 * A script whose first line is `#!python` or `#!pythonw`, with the environment's Python in that line; `undefined` for one
 * that stays as it is, such as a program of 50 MB. As from uv, the line ends with a line feed then, however it ended
 * (crates/uv-install-wheel/src/wheel.rs, install_script).
 */
export async function installedScript(
  archive: WheelArchive,
  entry: WheelEntry,
  python: string,
): Promise<Buffer | undefined> {
  if (!(await archive.readStart(entry, PLACEHOLDER.length)).equals(PLACEHOLDER)) return undefined;
  const script = await archive.read(entry);
  const text = script.toString('latin1');
  const [firstLine = ''] = /^[^\r\n]*(?:\r\n|\r|\n)?/.exec(text) ?? [];
  return Buffer.concat([Buffer.from(`#!${python}\n`), script.subarray(firstLine.length)]);
}
