import { strip } from './logical-lines.js';
import { parseRequirement, readMarker, type Marker, type Requirement } from './requirement.js';

/** What a line asks for: pip allows paths, archives and version control URLs beside the names of packages. */
export type Target =
  | { readonly kind: 'package'; readonly requirement: Requirement }
  /** The project itself. */
  | { readonly kind: 'project'; readonly extras: readonly string[]; readonly marker?: Marker }
  /** A place that does not say which package it contains. */
  | { readonly kind: 'folder' | 'archive' | 'repository'; readonly marker?: Marker }
  | { readonly kind: 'invalid'; readonly reason?: string };

const INVALID: Target = { kind: 'invalid' };

/** The schemes that pip takes for a URL where a requirement is expected (pip/_internal/vcs/versioncontrol.py: is_url). */
const IS_URL =
  /^(?:https?|file|ftp|ssh|git|hg|bzr|sftp|svn|git\+(?:http|https|ssh|git|file)|hg\+(?:file|http|https|ssh|static-http)|svn\+(?:ssh|http|https|svn|file)|bzr\+(?:http|https|ssh|sftp|ftp|lp|file)):/i;
const IS_REPOSITORY = /^(?:ssh|git|hg|bzr|sftp|svn)(?:\+[a-z-]+)?:/i;
/** Python takes `[` for the start of an IPv6 address, and stops where it does not end. */
const BROKEN_ADDRESS = /\/\/[^/?#[\]]*(?:\][^/?#]*|\[[^\]/?#]*)(?:[/?#]|$)/;
const IS_ARCHIVE = /[^/]\.(?:zip|whl|tar\.bz2|tbz|tar\.gz|tgz|tar|tar\.xz|txz|tlz|tar\.lz|tar\.lzma)$/i;
const WHEEL = /^([\w.]+)-([^-\s]+)(?:-\d[^-]*)?-\w+(?:\.\w+)*-[^-\s]+-[^-\s]+\.whl$/;
const EXTRAS = /^([^[]+)(\[[^\]]+\])$/;

/** A line without its options (pip/_internal/req/constructors.py: parse_req_from_line). */
export function readTarget(line: string): Target {
  const isUrl = IS_URL.test(line);
  // pip looks for a marker before it looks for a URL behind an `@`.
  const semicolon = line.indexOf(isUrl ? '; ' : ';');
  const text = strip(semicolon < 0 ? line : line.slice(0, semicolon));
  const markerText = semicolon < 0 ? '' : strip(line.slice(semicolon + 1));
  const marker = markerText === '' ? undefined : readMarker(markerText);
  if (markerText !== '' && marker === undefined)
    return { kind: 'invalid', reason: 'the text after the semicolon is not a condition' };
  const target = isUrl ? atUrl(text) : readPathOrRequirement(text);
  if (marker === undefined || target.kind === 'invalid') return target;
  return target.kind === 'package'
    ? { kind: 'package', requirement: { ...target.requirement, marker } }
    : { ...target, marker };
}

/** What follows `-e` (parse_editable): a folder, or a repository that says what is in it. */
export function readEditable(value: string): Target {
  const text = strip(value);
  const requirement = parseRequirement(text);
  if (requirement?.url !== undefined) return { kind: 'package', requirement };
  if (/^file:/i.test(text)) return named(eggOf(text), 'folder');
  if (IS_REPOSITORY.test(text)) {
    const target = named(eggOf(text), 'repository');
    return target.kind === 'repository'
      ? { kind: 'invalid', reason: 'an editable repository needs a package name: -e git+https://…#egg=NAME' }
      : target;
  }
  if (IS_URL.test(text)) return { kind: 'invalid', reason: 'only folders and repositories can be editable' };
  return atFolder(text);
}

function readPathOrRequirement(text: string): Target {
  const [path, extras] = splitExtras(text);
  const isNamed = text.includes('@') && !looksLikePath(text.slice(0, text.indexOf('@')));
  if (IS_ARCHIVE.test(path) && !isNamed) return extras === undefined ? INVALID : withExtras(atArchive(path), extras);
  const requirement = parseRequirement(text);
  if (requirement !== undefined) return urlIsReadable(requirement) ? { kind: 'package', requirement } : INVALID;
  // Whether the folder exists in the image is not to be told from here.
  if (looksLikePath(text) && !isNamed && !text.includes('://')) return atFolder(text);
  return { kind: 'invalid', ...(/[^=!<>~]=[^=]/.test(text) ? { reason: 'use == to compare versions, not =' } : {}) };
}

function looksLikePath(text: string): boolean {
  return text.startsWith('.') || text.includes('/');
}

function atFolder(text: string): Target {
  const [path, extras] = splitExtras(text);
  if (extras === undefined) return INVALID;
  const isProject =
    path !== '' && !path.startsWith('/') && path.split('/').every((part) => part === '' || part === '.');
  return isProject ? { kind: 'project', extras } : { kind: 'folder' };
}

function atUrl(url: string): Target {
  if (BROKEN_ADDRESS.test(url)) return INVALID;
  const path = url.replace(/[?#].*$/s, '');
  return path.endsWith('.whl')
    ? atArchive(path)
    : named(eggOf(url), IS_REPOSITORY.test(url) ? 'repository' : 'archive');
}

/** `kedro_mlflow-2.0.3-py3-none-any.whl` is `kedro-mlflow==2.0.3` (the wheel file name convention). */
function atArchive(path: string): Target {
  const file = decoded(path.slice(path.lastIndexOf('/') + 1));
  if (!file.endsWith('.whl')) return { kind: 'archive' };
  const [, name = '', version = ''] = WHEEL.exec(file) ?? [];
  const requirement = name.includes('__') ? undefined : parseRequirement(`${name}==${version}`);
  return requirement === undefined || requirement.isLegacy === true
    ? { kind: 'invalid', reason: 'the file name is not a valid wheel name' }
    : { kind: 'package', requirement };
}

function withExtras(target: Target, extras: readonly string[]): Target {
  return target.kind === 'package' ? { ...target, requirement: { ...target.requirement, extras } } : target;
}

/** `#egg=kedro-mlflow` is how version control URLs carried a name before PEP 508. `null`: it contains something else. */
function eggOf(url: string): Requirement | null | undefined {
  const egg = /[#&]egg=([^&]*)/.exec(url)?.[1];
  if (egg === undefined) return undefined;
  const requirement = parseRequirement(egg);
  if (requirement === undefined) return null;
  // pip 25 refuses extras and versions here.
  return /^[A-Z0-9](?:[A-Z0-9._-]*[A-Z0-9])?$/i.test(egg) ? requirement : { ...requirement, isLegacy: true };
}

function named(requirement: Requirement | null | undefined, otherwise: 'folder' | 'archive' | 'repository'): Target {
  if (requirement === null) return { kind: 'invalid', reason: 'egg= is not followed by a package name' };
  return requirement === undefined ? { kind: otherwise } : { kind: 'package', requirement };
}

function urlIsReadable({ url }: Requirement): boolean {
  return url === undefined || (eggOf(url) !== null && !BROKEN_ADDRESS.test(url));
}

/** `undefined` extras: what is in the brackets are none. */
function splitExtras(text: string): [path: string, extras: readonly string[] | undefined] {
  const [, path, brackets] = EXTRAS.exec(text) ?? [];
  if (path === undefined || brackets === undefined) return [text, []];
  return [path.trimEnd(), parseRequirement(`placeholder${brackets}`)?.extras];
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
