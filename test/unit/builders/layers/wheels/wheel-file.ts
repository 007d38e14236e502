import { createHash } from 'node:crypto';
import { zipFile, type ZipPart } from './zip-file.js';

/** The files of a wheel for tests: the texts of its files, or more about them. */
export type WheelContent = Readonly<Record<string, string | Omit<ZipPart, 'name'>>>;

/** A wheel of `demo` 1.0 with its metadata, where `files` does not have others. `null`: without that file. */
export function wheelFile(
  files: WheelContent,
  { metadata = {}, name = 'demo', version = '1.0' }: WheelOptions = {},
): Buffer {
  const distInfo = `${name}-${version}.dist-info`;
  const parts: ZipPart[] = Object.entries(files).map(([file, content]) => ({
    name: file,
    ...(typeof content === 'string' ? { content } : content),
  }));
  const texts: Readonly<Record<string, string | null>> = {
    WHEEL: 'Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n',
    METADATA: `Metadata-Version: 2.1\nName: ${name}\nVersion: ${version}\n\nVersion: of the text\n`,
    RECORD: '',
    ...metadata,
  };
  for (const [file, content] of Object.entries(texts)) {
    if (content !== null && file !== 'RECORD') parts.push({ name: `${distInfo}/${file}`, content });
  }
  const record = texts.RECORD === '' ? recordOf(parts, `${distInfo}/RECORD`) : texts.RECORD;
  if (record !== null) parts.push({ name: `${distInfo}/RECORD`, content: record ?? '' });
  return zipFile(parts);
}

export interface WheelOptions {
  readonly metadata?: Readonly<Record<string, string | null>>;
  readonly name?: string;
  readonly version?: string;
}

function recordOf(parts: readonly ZipPart[], own: string): string {
  const rows = parts
    .filter(({ name }) => !String(name).endsWith('/'))
    .map(({ name, content = '' }) => {
      const bytes = Buffer.from(content);
      return `${quoted(String(name))},${sha256(bytes)},${bytes.length}\n`;
    });
  return `${rows.join('')}${quoted(own)},,\n`;
}

/** As RECORD has it. */
export function sha256(content: string | Buffer): string {
  return `sha256=${createHash('sha256').update(content).digest('base64url')}`;
}

function quoted(field: string): string {
  return /[",]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field;
}
