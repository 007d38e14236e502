import { createHash } from 'node:crypto';

/** Where the hook finds what it starts. */
export interface HookPrograms {
  /** Absolute paths; empty in a hook that others get with the repository. */
  readonly node: string;
  readonly kdeploy: string;
  /** Relative to the repository's top folder; empty where the hook serves many repositories. */
  readonly projectKdeploy: string;
}

/** Fills templates/pre-push, and puts its checksum in, by which a later edit shows. */
export function renderHookScript(template: string, programs: HookPrograms): string {
  const values: Readonly<Record<string, string>> = {
    "'{{node}}'": shellQuoted(programs.node),
    "'{{kdeploy}}'": shellQuoted(programs.kdeploy),
    "'{{project_kdeploy}}'": shellQuoted(programs.projectKdeploy),
  };
  const text = template.replaceAll(/'\{\{\w+\}\}'/g, (token) => values[token] ?? token);
  return text.replace(CHECKSUM_PLACE, checksumOf(text));
}

/** A script of any version of kdeploy: as it was written, or edited since; `foreign`: anything else. */
export type HookAuthor = 'kdeploy' | 'kdeploy-edited' | 'foreign';

/** Line endings that a checkout has changed (core.autocrlf) are no edit. */
export function authorOf(written: string): HookAuthor {
  return authorOfLines(written.replaceAll('\r\n', '\n'));
}

/** A system that starts `/bin/sh\r` finds no such program, and git does not say why. */
export function hasWindowsLineEndings(script: string): boolean {
  return /^#![^\n]*\r\n/.test(script);
}

function authorOfLines(text: string): HookAuthor {
  const written = CHECKSUM_LINE.exec(text)?.[1];
  if (written === undefined) return 'foreign';
  return written === checksumOf(text.replace(CHECKSUM_LINE, `# kdeploy-hook sha256:${CHECKSUM_PLACE}`))
    ? 'kdeploy'
    : 'kdeploy-edited';
}

/** As one word of a shell, whatever it contains: nothing is special between single quotes but the quote itself. */
export function shellQuoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

const CHECKSUM_PLACE = '{{checksum}}';
const CHECKSUM_LINE = /^# kdeploy-hook sha256:([0-9a-f]{64})$/m;

/** Of the text with the place for it still empty. */
function checksumOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
