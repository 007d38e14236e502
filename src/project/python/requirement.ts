import { parseMarker, type MarkerTree } from './marker-parser.js';
import { normaliseName } from './name.js';
import { isVersionClause, VERSION_CLAUSE } from './version-clause.js';

/** One requirement of PEP 508: `kedro-mlflow[extra]>=2,<3 ; python_version >= "3.10"`. */
export interface Requirement {
  /** Normalised (PEP 503). */
  readonly name: string;
  readonly extras: readonly string[];
  /** `>=2,<3`; empty for any version. */
  readonly specifier: string;
  /** For `name @ url`. */
  readonly url?: string;
  readonly marker?: Marker;
  /** A version that is none by PEP 440, such as `>=0.18.*`: pip took it until 24.0, and refuses it since 24.1. */
  readonly isLegacy?: boolean;
}

export interface Marker {
  readonly text: string;
  readonly tree: MarkerTree;
}

const SPACE = /[ \t]*/y;
const NAME = /[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9_])?(?!\w)/y;
const URL = /[^ \t]+/y;

const END_OF_CLAUSE = /[ \t]*(?=[,;)]|$)/y;

/** What pip took for a version before 24.1 (packaging 21, LegacySpecifier). */
const LEGACY_CLAUSE = /(?:==(?!=)|!=|<=|>=|<|>)\s*[^,;\s)]*[^,;\s)\]](?![^,;\s)])/y;

/** `undefined` for text that is not a requirement by PEP 508. */
export function parseRequirement(text: string): Requirement | undefined {
  let position = 0;
  take(SPACE);
  const name = take(NAME);
  take(SPACE);
  const extras = readExtras();
  take(SPACE);
  if (name === undefined || extras === undefined) return undefined;
  const head = { name: normaliseName(name), extras };
  const hasUnderscoreAtEnd = [head.name, ...extras].some((each) => each.endsWith('-'));
  if (text[position] === '@') {
    position++;
    take(SPACE);
    const url = take(URL);
    if (url === undefined) return undefined;
    take(SPACE);
    return withMarker({ ...head, specifier: '', url });
  }
  const versions = readVersions();
  if (versions === undefined) return undefined;
  take(SPACE);
  return withMarker({ ...head, ...versions });

  function take(pattern: RegExp): string | undefined {
    pattern.lastIndex = position;
    const match = pattern.exec(text);
    if (match === null) return undefined;
    position = pattern.lastIndex;
    return match[0];
  }

  function readExtras(): string[] | undefined {
    const found: string[] = [];
    if (text[position] !== '[') return found;
    position++;
    for (;;) {
      take(SPACE);
      const extra = take(NAME);
      // `[]` is allowed, `[a,]` is not.
      if (extra === undefined && found.length > 0) return undefined;
      if (extra !== undefined) found.push(normaliseName(extra));
      take(SPACE);
      if (extra === undefined || text[position] !== ',') break;
      position++;
    }
    if (text[position] !== ']') return undefined;
    position++;
    return [...new Set(found)];
  }

  function readVersions(): { specifier: string; isLegacy?: boolean } | undefined {
    const isInBrackets = text[position] === '(';
    if (isInBrackets) position++;
    const clauses: string[] = [];
    let isLegacy = false;
    for (;;) {
      take(SPACE);
      const start = position;
      let clause = take(VERSION_CLAUSE);
      if (clause === undefined || take(END_OF_CLAUSE) === undefined) {
        position = start;
        clause = take(LEGACY_CLAUSE);
        // A comma at the end is allowed, but not by the pip that takes old versions.
        if (clause === undefined) {
          if (isLegacy && clauses.length > 0) return undefined;
          break;
        }
        // The pip that takes such versions takes no such names.
        if (hasUnderscoreAtEnd) return undefined;
        isLegacy = true;
        take(SPACE);
      }
      // `===` takes commas in, and then each part has to be a comparison of its own.
      if (clause.startsWith('===') && !clause.split(',').every(isVersionClause)) return undefined;
      clauses.push(clause.replace(/\s+/g, ''));
      if (text[position] !== ',') break;
      position++;
    }
    if (isInBrackets && text[position] !== ')') return undefined;
    if (isInBrackets) position++;
    return { specifier: clauses.join(','), ...(isLegacy ? { isLegacy } : {}) };
  }

  function withMarker(requirement: Requirement): Requirement | undefined {
    if (position === text.length) return requirement;
    if (text[position] !== ';') return undefined;
    const marker = readMarker(text.slice(position + 1));
    return marker === undefined ? undefined : { ...requirement, marker };
  }
}

/** `undefined` for text that is not a marker. */
export function readMarker(text: string): Marker | undefined {
  const tree = parseMarker(text);
  return tree === undefined ? undefined : { text: text.trim(), tree };
}
