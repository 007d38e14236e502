import type { EnvironmentMarker } from 'pip-requirements-js';
import { normaliseName } from './name.js';

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
}

export interface Marker {
  readonly text: string;
  readonly tree: EnvironmentMarker;
}

const NAME = '[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?';
const EXTRAS = `\\[\\s*((?:${NAME}(?:\\s*,\\s*${NAME})*)?)\\s*\\]`;
const CLAUSE = '(?:===\\s*[^\\s,;()]+|(?:~=|==|!=|<=|>=|<|>)\\s*[A-Za-z0-9._*+!-]+)';
const CLAUSES = `${CLAUSE}(?:\\s*,\\s*${CLAUSE})*\\s*,?`;

/** The head of every requirement is regular, so it is read without the parser that markers need (33 ms to load). */
const HEAD = new RegExp(`^(${NAME})\\s*(?:${EXTRAS})?\\s*(?:\\(\\s*(${CLAUSES})\\s*\\)|(${CLAUSES}))?\\s*$`);
const URL_HEAD = new RegExp(`^(${NAME})\\s*(?:${EXTRAS})?\\s*@\\s*(\\S+)$`);

/** A requirement is a line that people type; a longer one is not worth a parser's time. */
const MAXIMUM_LENGTH = 4096;

/** `undefined` for text that is not a requirement by PEP 508. */
export async function parseRequirement(text: string): Promise<Requirement | undefined> {
  if (text.length > MAXIMUM_LENGTH) return undefined;
  const [head, markerText] = splitMarker(text.trim());
  // One space at most: expressions with several `\s*` in a row take cubic time on thousands of them.
  const requirement = readHead(head.replace(/\s+/g, ' '));
  if (requirement === undefined || markerText === undefined) return requirement;
  const tree = await parseMarker(markerText);
  return tree === undefined ? undefined : { ...requirement, marker: { text: markerText, tree } };
}

function readHead(head: string): Requirement | undefined {
  const match = HEAD.exec(head);
  if (match !== null) {
    const [, name = '', extras, inParentheses, plain] = match;
    return { name: normaliseName(name), extras: splitExtras(extras), specifier: tidy(inParentheses ?? plain ?? '') };
  }
  const [, name, extras, url] = URL_HEAD.exec(head) ?? [];
  if (name === undefined || url === undefined) return undefined;
  return { name: normaliseName(name), extras: splitExtras(extras), specifier: '', url };
}

/** A `;` may be part of a URL, so after one only ` ;` starts the marker (PEP 508). */
function splitMarker(text: string): [head: string, marker?: string] {
  const isUrl = /^[^;]*@/.test(text);
  const index = isUrl ? text.search(/\s;/) : text.indexOf(';');
  if (index < 0) return [text];
  const marker = text.slice(text.indexOf(';', index) + 1).trim();
  return [text.slice(0, index).trim(), marker];
}

async function parseMarker(text: string): Promise<EnvironmentMarker | undefined> {
  const { parsePipRequirementsLine } = await import('pip-requirements-js');
  try {
    const parsed = parsePipRequirementsLine(`x ; ${text}`);
    return parsed?.type === 'ProjectName' ? parsed.environmentMarkerTree : undefined;
  } catch {
    // It throws plain errors for bad syntax; the caller reports the line.
    return undefined;
  }
}

function splitExtras(extras: string | undefined): string[] {
  return (extras ?? '')
    .split(',')
    .map((extra) => normaliseName(extra.trim()))
    .filter((extra) => extra !== '');
}

function tidy(specifier: string): string {
  return specifier.replace(/\s+/g, '').replace(/,$/, '');
}
