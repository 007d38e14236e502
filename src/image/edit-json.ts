import { applyEdits, findNodeAtLocation, modify, parseTree, type JSONPath } from 'jsonc-parser';
import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { KdeployError } from '../errors.js';

/** One value to set in a JSON document; `undefined` takes it away. */
export interface JsonEdit {
  readonly path: readonly (string | number)[];
  readonly value: unknown;
}

/**
 * The document with these values set, and every other byte as it was: foreign fields, the order of keys, numbers that
 * JavaScript cannot hold (google/go-containerregistry#2041 is what happens else). The result is read again: a document that
 * names one key twice is known by another of them to each reader.
 * Throws KdeployError `image-unusable` for a document that cannot be edited so; `what` names it.
 */
export function editJson(bytes: Uint8Array, edits: readonly JsonEdit[], what: string): Buffer {
  const original = Buffer.from(bytes).toString('utf8');
  if (!Buffer.from(original, 'utf8').equals(bytes)) throw uneditable(what, 'it is not encoded in UTF-8');
  parsed(original, what);
  const { shortened, restore } = setAside(original);
  let text = shortened;
  let before = parsed(text, what);
  for (const { path, value } of edits) {
    if (value === undefined && valueAt(before, path) === undefined) continue;
    const reachable = throughNull({ path, value }, before);
    const isElement = value === undefined && typeof path.at(-1) === 'number';
    text = isElement
      ? withoutElement(text, path)
      : applyEdits(text, modify(text, [...reachable.path] as JSONPath, reachable.value, {}));
    const wanted = isElement ? elementAfter(before, path) : asJson(value);
    const after = parsed(text, what);
    if (!isDeepStrictEqual(valueAt(after, path), wanted))
      throw uneditable(what, `it has ${path.join('.')} more than once`);
    before = after;
  }
  return Buffer.from(restore(text), 'utf8');
}

/** A label can be as long as all else together, and jsonc-parser reads the whole text again for each edit. */
const LONG = 1024;
const STRINGS = /"[^"\\]*(?:\\.[^"\\]*)*"(\s*:)?/g;

/** A JSON document with something short in the place of its long values, none of which is looked into. */
function setAside(text: string): { readonly shortened: string; readonly restore: (edited: string) => string } {
  const long: string[] = [];
  // In neither the text nor an edit, which would have to contain the hash of what it edits.
  const mark = `"set aside of ${createHash('sha256').update(text).digest('hex')}: `;
  const shortened = text.replaceAll(STRINGS, (string: string, colon: string | undefined) =>
    string.length < LONG || colon !== undefined ? string : `${mark}${long.push(string) - 1}"`,
  );
  const restore = (edited: string): string =>
    edited.replaceAll(STRINGS, (string: string) =>
      string.startsWith(mark) ? (long[Number(string.slice(mark.length, -1))] ?? string) : string,
    );
  return { shortened, restore: long.length === 0 ? (edited) => edited : restore };
}

/** jsonc-parser's own way takes too much of a list that has no line breaks (modify, "removing last item"). */
function withoutElement(text: string, path: JsonEdit['path']): string {
  const root = parseTree(text);
  const list = root === undefined ? undefined : findNodeAtLocation(root, path.slice(0, -1))?.children;
  const index = Number(path.at(-1));
  const [node, before, after] = [list?.[index], list?.[index - 1], list?.[index + 1]];
  if (node === undefined) return text;
  const end = node.offset + node.length;
  if (after !== undefined) return text.slice(0, node.offset) + text.slice(after.offset);
  return text.slice(0, before === undefined ? node.offset : before.offset + before.length) + text.slice(end);
}

function elementAfter(document: unknown, path: JsonEdit['path']): unknown {
  return valueAt(document, [...path.slice(0, -1), Number(path.at(-1)) + 1]);
}

/** Go writes an empty map as null, below which there is nothing to set: the null itself is set instead. */
function throughNull({ path, value }: JsonEdit, document: unknown): JsonEdit {
  const depth = path.findIndex((_, index) => index > 0 && valueAt(document, path.slice(0, index)) === null);
  if (depth === -1) return { path, value };
  return {
    path: path.slice(0, depth),
    value: path.slice(depth).reduceRight((inner, key) => ({ [key]: inner }), value),
  };
}

function parsed(text: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw uneditable(what, 'it is not a JSON document', error);
  }
}

function valueAt(document: unknown, path: readonly (string | number)[]): unknown {
  let value = document;
  for (const step of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = Object.hasOwn(value, step) ? (value as Readonly<Record<string | number, unknown>>)[step] : undefined;
  }
  return value;
}

/** Without what JSON leaves out: fields that are `undefined`. */
function asJson(value: unknown): unknown {
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value));
}

function uneditable(what: string, why: string, cause?: unknown): KdeployError {
  return new KdeployError('image-unusable', `${what} cannot be changed: ${why}`, {
    ...(cause !== undefined && { cause }),
    hint: 'build and push the image again: `kdeploy build --push`',
  });
}
