import { KdeployError, type ErrorCode, type Place } from '../../../errors.js';
import { redact } from '../../../secrets/redaction.js';
import type { UvAnswer } from './run-uv.js';

export interface FailureContext {
  /** What was being done: `requirements.txt cannot be resolved for …`. */
  readonly message: string;
  /** The file whose lines ask for packages. */
  readonly file: string;
  /** Which line asks for which package, in order. */
  readonly requirements: readonly { readonly name: string; readonly place: Place }[];
}

/** uv's words in an error; its output follows in full. */
const MAXIMUM_LETTERS = 600;
const MAXIMUM_LINES = 20;

/**
 * A failed uv as the error that the user reads: its own words, without the drawing around them, and the line of the
 * requirements that asks for the package. uv tells its failures apart by words only, so they are recognised here.
 */
export function resolveFailure({ exitCode, lines }: UvAnswer, context: FailureContext): KdeployError {
  const { reason, hints } = wordsOf(lines);
  const all = [reason, ...hints].join('\n');
  const known = KINDS.find(({ pattern }) => pattern.test(all));
  const place = placeOf(reason, context);
  return new KdeployError(known?.code ?? 'build-failed', context.message, {
    cause: new Error(reason === '' ? `uv ended with exit code ${exitCode ?? 'unknown'}` : shortened(reason)),
    hint:
      known?.hint(context) ?? (hints[0] === undefined ? `fix ${context.file}, and build again` : shortened(hints[0])),
    place,
    output: lines
      .map((line) => redact(withoutDrawing(line)).trimEnd())
      .filter((line) => line !== '')
      .slice(-MAXIMUM_LINES),
  });
}

interface Kind {
  readonly pattern: RegExp;
  readonly code: ErrorCode;
  readonly hint: (context: FailureContext) => string;
}

/** In this order: an index that refuses says "not found" as well. */
const KINDS: readonly Kind[] = [
  {
    pattern: /needs to be updated, but `--locked`|Unable to find lockfile/,
    code: 'configuration',
    hint: () => 'pyproject.toml was changed after it was locked: uv lock',
  },
  {
    pattern: /\b(?:401 Unauthorized|403 Forbidden)\b|valid authentication credentials|Missing credentials/,
    code: 'credentials',
    hint: () =>
      "give uv the index's user and password: in the variables UV_INDEX_<NAME>_USERNAME and UV_INDEX_<NAME>_PASSWORD, in ~/.netrc, or in the URL in pip.conf",
  },
  {
    pattern: /No interpreter found|No Python (?:installation|interpreter)s? found/i,
    code: 'tool-missing',
    hint: () => 'uv needs a Python that the project allows: install one, or let uv download it (uv python install)',
  },
  {
    pattern: /network (?:was|is) disabled|--offline/,
    code: 'build-failed',
    hint: () => 'packages that were not downloaded before need the network: unset UV_OFFLINE, and build again',
  },
  {
    pattern:
      /error sending request|dns error|tcp connect error|timed out|connection (?:refused|reset|closed)|invalid peer certificate/i,
    code: 'registry-unreachable',
    hint: () =>
      'check that the package index can be reached from here, and its proxy and certificates, then build again',
  },
  {
    pattern: /Couldn't parse requirement|Unexpected '|Failed to parse|Error parsing included file|File not found/,
    code: 'configuration',
    hint: ({ file }) => `fix ${file}, and build again`,
  },
  {
    pattern: /was not found in the|there (?:is|are) no versions? of/i,
    code: 'build-failed',
    hint: ({ file }) => `check its name and version in ${file}, and that the index which has it is set for pip or uv`,
  },
  {
    pattern: /Failed to build|Failed to prepare distributions|build backend/i,
    code: 'build-failed',
    hint: () =>
      'its metadata could not be built here: choose a version that has a wheel, or install what its build needs',
  },
];

/** `× …`, `╰─▶ …`, `│ …` of uv before 0.10, and `cause: …` since. */
function withoutDrawing(line: string): string {
  return line.replace(/^(\s*)(?:×|╰─▶|├─▶|│)\s?/u, '$1');
}

interface Words {
  readonly reason: string;
  readonly hints: readonly string[];
}

/** What is not a warning and not progress, in paragraphs without the line ends that only fit a terminal. */
function wordsOf(lines: readonly string[]): Words {
  const start = lines.findIndex((line) => /^(?:error:|\s+×)/u.test(line));
  const paragraphs: string[] = [];
  let isOpen = false;
  for (const line of lines.slice(Math.max(0, start))) {
    const text = withoutDrawing(line).trim();
    const isNew = /^(?:error|cause|hint|Caused by|warning): /i.test(text) || /[╰├]─▶/u.test(line);
    if (text === '') isOpen = false;
    else if (isOpen && !isNew) paragraphs.push(`${paragraphs.pop() ?? ''} ${text}`);
    else {
      paragraphs.push(text);
      isOpen = true;
    }
  }
  const shown = paragraphs.filter((text) => !text.startsWith('warning: ')).map((text) => redact(text));
  const hints = shown.filter((text) => /^hint: /i.test(text)).map((text) => text.replace(/^hint: /i, ''));
  const reasons = shown
    .filter((text) => !/^hint: /i.test(text))
    .map((text) => text.replace(/^(?:error|cause|Caused by): /i, '').replace(/:$/, ''));
  return { reason: [...new Set(reasons)].join(': '), hints };
}

function shortened(text: string): string {
  const plain = text
    .replace(/^No solution found when resolving dependencies(?: for split \([^)]*\))?: /, '')
    .replace(/,? ?(?:and )?we can conclude that (?:your|the|all)? ?\w*'?s? ?requirements are unsatisfiable\.?$/, '');
  return plain.length > MAXIMUM_LETTERS ? `${plain.slice(0, MAXIMUM_LETTERS)}…` : plain;
}

/** The line that names the package of which uv speaks first. */
function placeOf(reason: string, { requirements, file }: FailureContext): Place {
  let first: { readonly at: number; readonly place: Place } | undefined;
  for (const { name, place } of requirements) {
    const at = reason.search(new RegExp(`(?<![\\w.-])${name.replaceAll('-', '[-_.]')}(?![\\w-])`, 'i'));
    if (at >= 0 && (first === undefined || at < first.at)) first = { at, place };
  }
  const written = /in `?([^`\s]+\.txt)`? at position/.exec(reason)?.[1];
  return first?.place ?? { file: written ?? file };
}
