import { KdeployError } from '../errors.js';
import { quoted } from '../secrets/quoted.js';
import { parseTag } from './reference.js';

/** What can stand between braces in a tag. */
export const TAG_PLACEHOLDERS = ['git.sha', 'git.branch', 'version', 'env'] as const;
export type TagPlaceholder = (typeof TAG_PLACEHOLDERS)[number];

/** A placeholder's value, or why there is none: "the project is not in a git repository". */
export type TagValue = { readonly value: string } | { readonly missing: string; readonly remedy?: string };
export type TagValues = Readonly<Record<TagPlaceholder, TagValue>>;

export interface TagSources {
  readonly repository: { readonly shortRevision: string | undefined; readonly dirty: boolean } | undefined;
  /** See `git/branch.ts`: in CI it is often known although no branch is checked out. */
  readonly branch: string | undefined;
  /** The project's own version; PEP 621 lets it be worked out at build time, and then it is not known here. */
  readonly version: string | undefined;
  readonly hasDynamicVersion?: boolean | undefined;
  readonly env: string;
}

export function tagValues({ repository, branch, version, hasDynamicVersion, env }: TagSources): TagValues {
  const noGit = repository === undefined ? 'the project is not in a git repository' : undefined;
  return {
    'git.sha':
      repository?.shortRevision === undefined
        ? { missing: noGit ?? 'the git repository has no commit yet' }
        : // What is built from uncommitted changes must not carry the commit's name: it is not what the commit says.
          { value: repository.shortRevision + (repository.dirty ? '-dirty' : '') },
    'git.branch': branch === undefined ? { missing: noGit ?? 'no git branch is checked out' } : { value: branch },
    version: version === undefined ? missingVersion(hasDynamicVersion === true) : { value: version },
    env: { value: env },
  };
}

/** PEP 621 forbids a version beside `dynamic = ["version"]`, so that writing one there would break the project. */
function missingVersion(isDynamic: boolean): TagValue {
  return isDynamic
    ? {
        missing: 'the version in pyproject.toml is dynamic: only its build backend knows it',
        remedy: 'use {git.sha} instead of {version}, or pass a tag: --tag v1',
      }
    : { missing: 'pyproject.toml has no version under [project]' };
}

/** The placeholders of a template that there are none of, without their braces: `git.sah`. */
export function unknownPlaceholders(template: string): string[] {
  return placeholdersOf(template).filter((name) => !isPlaceholder(name));
}

/** What no values can fix in a template, such as `{git.sha` or `a/b`; `undefined` when nothing. Unknown names are not its matter. */
export function templateProblem(template: string): string | undefined {
  const rest = template.replaceAll(PLACEHOLDER, 'x');
  if (/[{}]/.test(rest)) return 'the tag has an unmatched brace';
  try {
    parseTag(rest);
    return undefined;
  } catch (error) {
    if (error instanceof KdeployError) return error.message;
    throw error;
  }
}

/**
 * The tag that a template represents: `v{version}-{git.sha}` → `v1.2-4be1c0ffee12`, `{git.branch}` on feature/x →
 * `feature-x`. Throws KdeployError `configuration` for a placeholder that is unknown or has no value, `usage` for what
 * no registry takes as a tag.
 */
export function expandTagTemplate(template: string, values: TagValues): string {
  const shown = quoted(template);
  const parts = new Map(placeholdersOf(template).map((name) => [name, partFor(name, values, shown)]));
  const expand = (part: (name: string) => string) =>
    template.replaceAll(PLACEHOLDER, (_braced, name: string) => part(name));

  // Only the branch is cut to make a long tag fit: cutting at the tag's end could take away the commit that tells two apart.
  const excess = expand((name) => parts.get(name) ?? '').length - MAXIMUM_TAG_LENGTH;
  const branch = parts.get(BRANCH);
  if (excess > 0 && branch !== undefined) {
    const occurrences = placeholdersOf(template).filter((name) => name === BRANCH).length;
    parts.set(BRANCH, branch.slice(0, Math.max(1, branch.length - Math.ceil(excess / occurrences))));
  }
  return parseTag(expand((name) => parts.get(name) ?? ''));
}

/** Every template of a list; each tag once, in order. */
export function expandTagTemplates(templates: readonly string[], values: TagValues): string[] {
  return [...new Set(templates.map((template) => expandTagTemplate(template, values)))];
}

const MAXIMUM_TAG_LENGTH = 128;
const PLACEHOLDER = /\{([^{}]*)\}/g;
const BRANCH: TagPlaceholder = 'git.branch';

const REMEDIES: Readonly<Record<TagPlaceholder, string>> = {
  'git.sha': 'commit first, or pass a tag: --tag v1',
  'git.branch': 'check out a branch, or pass a tag: --tag v1',
  version: 'write version under [project] in pyproject.toml, or pass a tag: --tag v1',
  env: 'pass an environment: --env prod',
};

function placeholdersOf(template: string): string[] {
  return [...template.matchAll(PLACEHOLDER)].map(([, name]) => name ?? '');
}

function isPlaceholder(name: string): name is TagPlaceholder {
  return (TAG_PLACEHOLDERS as readonly string[]).includes(name);
}

function partFor(name: string, values: TagValues, shown: string): string {
  if (!isPlaceholder(name)) {
    throw new KdeployError('configuration', `the tag ${shown} has an unknown placeholder, {${name.slice(0, 40)}}`, {
      hint: `supported placeholders: ${TAG_PLACEHOLDERS.map((known) => `{${known}}`).join(', ')}`,
    });
  }
  const entry = values[name];
  if ('missing' in entry) {
    throw new KdeployError('configuration', `the tag ${shown} needs {${name}}, but ${entry.missing}`, {
      hint: entry.remedy ?? REMEDIES[name],
    });
  }
  const part = tagPart(entry.value);
  if (part !== '') return part;
  throw new KdeployError(
    'configuration',
    `the tag ${shown} needs {${name}}, which has no character that is allowed in a tag`,
    {
      hint: 'pass a tag: --tag v1',
    },
  );
}

/** What a tag may contain of a value: `feature/some thing` → `feature-some-thing`, a version's `1.2+local` → `1.2-local`. */
function tagPart(value: string): string {
  return value
    .replaceAll(/[^\w.-]+/g, '-')
    .replace(/^[.-]+/, '')
    .replace(/-+$/, '');
}
