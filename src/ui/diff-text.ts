import { styleText } from 'node:util';
import type { FileChange } from '../fix/file-change.js';
import { redactAddresses } from '../secrets/address.js';
import { visible } from './visible.js';

/** Changes as a unified diff. An existing line may contain a password, which is not shown. */
export async function diffText(changes: readonly FileChange[], { colours = false } = {}): Promise<string> {
  // Loaded here: only --fix shows one.
  const { createTwoFilesPatch, FILE_HEADERS_ONLY } = await import('diff');
  const patches = changes.map(({ file, before, after }) =>
    createTwoFilesPatch(
      before === undefined ? '/dev/null' : `a/${file}`,
      `b/${file}`,
      before?.toString('utf8') ?? '',
      after.toString('utf8'),
      undefined,
      undefined,
      { context: 3, headerOptions: FILE_HEADERS_ONLY },
    ).trimEnd(),
  );
  return patches
    .flatMap((patch) => patch.split('\n'))
    .map((line) => styled(visible(line.replace(/\r$/, '').replace(/^([ +-])(.*)$/, redacted)), colours))
    .join('\n');
}

function redacted(_line: string, sign: string, text: string): string {
  return `${sign}${redactAddresses(text)}`;
}

function styled(line: string, colours: boolean): string {
  if (!colours || line.startsWith(' ')) return line;
  if (line.startsWith('@@')) return styleText('cyan', line, { validateStream: false });
  if (/^(?:---|\+\+\+) /.test(line)) return styleText('bold', line, { validateStream: false });
  const colour = line.startsWith('+') ? 'green' : line.startsWith('-') ? 'red' : undefined;
  return colour === undefined ? line : styleText(colour, line, { validateStream: false });
}
