import { KdeployError } from '../errors.js';

/**
 * The bytes with one more line at their end, ended as the other lines are; everything else stays byte for byte, in
 * whatever encoding it is. Throws KdeployError `configuration` for a file that a line of ASCII would break.
 */
export function appendLine(file: string, bytes: Buffer, line: string): Buffer {
  // UTF-16 has a byte of zero in every ASCII sign; PowerShell's `>` writes it.
  if (bytes.includes(0) || isUtf16(bytes)) {
    throw refused(file, `${file} is UTF-16 or not text`, 'save it as UTF-8, then run --fix again');
  }
  const text = bytes.toString('latin1');
  if (/\\[ \t]*(?:\r?\n)?$/.test(text)) {
    throw refused(file, `${file} ends with a backslash, which would join the new line to it`, 'remove the backslash');
  }
  const end = /\r?\n/.exec(text)?.[0] ?? '\n';
  const missing = text === '' || text.endsWith('\n') ? '' : end;
  return Buffer.concat([bytes, Buffer.from(`${missing}${line}${end}`)]);
}

function isUtf16(bytes: Buffer): boolean {
  return (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
}

export function refused(file: string, message: string, hint: string): KdeployError {
  return new KdeployError('configuration', message, { place: { file }, hint });
}
