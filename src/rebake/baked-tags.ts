import { expandTagTemplates, tagValues } from '../image/tag-template.js';

export interface TargetTagsInput {
  /** As `--tag` has them. */
  readonly templates: readonly string[];
  /** The commit that the image was built from, as its label has it. */
  readonly revision: string | undefined;
  readonly env: string;
}

/** As long as a build's `{git.sha}` is. */
const SHORT = 12;

/**
 * The tags that a baked image gets. What is filled in comes from the image, for a bake changes no code: the commit at hand may
 * be another one. Throws KdeployError `usage` and `configuration`.
 */
export function bakedTags({ templates, revision, env }: TargetTagsInput): string[] {
  const nothing = { repository: undefined, branch: undefined, version: undefined, env };
  const remedy = 'use {git.sha} or {env}, or pass a tag without a placeholder: --tag v1';
  return expandTagTemplates(templates, {
    ...tagValues(nothing),
    'git.sha':
      revision === undefined ? { missing: 'the image does not record its commit' } : { value: shortened(revision) },
    'git.branch': { missing: 'an image does not record its branch', remedy },
    version: { missing: 'a bake does not know it', remedy },
  });
}

function shortened(revision: string): string {
  const [commit = '', ...rest] = revision.split('-');
  return [commit.slice(0, SHORT), ...rest].join('-');
}
