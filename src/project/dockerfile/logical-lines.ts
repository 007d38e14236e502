import { KdeployError } from '../../errors.js';
import { readHeredoc, type Heredoc } from './heredoc.js';
import { shellWords } from './variables.js';

/** A Dockerfile's instruction with its continuation lines, and the here-documents that follow it. */
export interface LogicalLine {
  readonly text: string;
  /** From 1. */
  readonly line: number;
  readonly heredocs: readonly Heredoc[];
}

export interface Directives {
  /** `\`, or the backtick where `# escape=` says so. */
  readonly escape: string;
  /** `# syntax=docker/dockerfile:1` */
  readonly syntax: string | undefined;
}

/** A Dockerfile is written by hand; parsing megabytes would stall the pre-push hook. */
const MAXIMUM_CHARACTERS = 256 * 1024;

/**
 * Joins lines as BuildKit does (frontend/dockerfile/parser/parser.go, Parse). Throws KdeployError `configuration` for
 * what cannot be a Dockerfile.
 */
export function logicalLines(text: string, file: string): Directives & { readonly lines: readonly LogicalLine[] } {
  if (text.length > MAXIMUM_CHARACTERS || text.includes('\0')) {
    throw new KdeployError('configuration', `${file} is not a Dockerfile: it is too large or not text`, {
      place: { file },
    });
  }
  const source = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  const directives = readDirectives(source);
  const lines: LogicalLine[] = [];
  let at = 0;
  while (at < source.length) {
    const line = at + 1;
    const parts: string[] = [];
    let continues = true;
    while (continues && at < source.length) {
      const next = source[at++] ?? '';
      if (/^\s*(?:#|$)/.test(next)) {
        // A comment between continued lines is dropped, and so is an empty line; neither begins an instruction.
        if (parts.length === 0) break;
        continue;
      }
      const part = withoutContinuation(next, directives.escape);
      parts.push(parts.length === 0 ? part.text.trimStart() : part.text);
      continues = part.continues;
    }
    const joined = parts.join('').trim();
    if (joined === '') continue;
    const heredocs: Heredoc[] = [];
    for (const opened of openedBy(joined)) {
      // Without an end it is the shell's matter, or an error that Docker reports before it does anything.
      const read = readHeredoc(opened, source, at);
      if (read === undefined) break;
      heredocs.push(read.heredoc);
      at = read.next;
    }
    lines.push({ text: joined, line, heredocs });
  }
  return { ...directives, lines };
}

/** Directives come above everything else; the first line that is none ends them. */
function readDirectives(lines: readonly string[]): Directives {
  const known = new Map<string, string>();
  for (const line of lines) {
    const [, name = '', value = ''] = /^\s*#\s*([a-zA-Z][a-zA-Z0-9]*)\s*=(.*)$/.exec(line) ?? [];
    if (!['syntax', 'escape', 'check'].includes(name.toLowerCase()) || value.trim() === '') break;
    known.set(name.toLowerCase(), value.trim());
  }
  return { escape: known.get('escape') === '`' ? '`' : '\\', syntax: known.get('syntax') };
}

/** An escape character at the line's end continues it, unless another one comes before. */
function withoutContinuation(line: string, escape: string): { text: string; continues: boolean } {
  let end = line.length;
  while (end > 0 && (line[end - 1] === ' ' || line[end - 1] === '\t')) end--;
  const continues = end > 0 && line[end - 1] === escape && line[end - 2] !== escape;
  return continues ? { text: line.slice(0, end - 1), continues } : { text: line, continues };
}

const MAY_HAVE_HEREDOC = /^(?:ONBUILD\s+)?(?:RUN|COPY|ADD)\s/i;

function openedBy(line: string): Omit<Heredoc, 'content'>[] {
  if (!line.includes('<<') || !MAY_HAVE_HEREDOC.test(line)) return [];
  const words = shellWords(line);
  return words.flatMap((word, index) => {
    const [, strip, attached = ''] = /^\d*<<(-?)([^<]*)$/.exec(word) ?? [];
    if (strip === undefined) return [];
    // `<< EOF` is one as well.
    const quoted = attached === '' ? (words[index + 1] ?? '') : attached;
    const name = quoted.replace(/["'\\]/g, '');
    return name === '' ? [] : [{ name, stripsTabs: strip === '-', isLiteral: name !== quoted }];
  });
}
