import { expect } from 'chai';
import fc from 'fast-check';
import { KdeployError } from '../../../src/errors.js';
import {
  expandTagTemplate,
  expandTagTemplates,
  TAG_PLACEHOLDERS,
  tagValues,
  templateProblem,
  unknownPlaceholders,
  type TagSources,
} from '../../../src/image/tag-template.js';

const sources: TagSources = {
  repository: { shortRevision: '4be1c0ffee12', dirty: false },
  branch: 'feature/new model',
  version: '1.2.0+local',
  env: 'prod',
};

const expand = (template: string, changes: Partial<TagSources> = {}) =>
  expandTagTemplate(template, tagValues({ ...sources, ...changes }));

function errorOf(work: () => unknown): KdeployError {
  try {
    work();
  } catch (error) {
    if (error instanceof KdeployError) return error;
    throw error;
  }
  throw new Error('expected an error');
}

describe('a tag template', () => {
  for (const [template, tag] of [
    ['v1', 'v1'],
    ['latest', 'latest'],
    ['{git.sha}', '4be1c0ffee12'],
    ['{git.branch}', 'feature-new-model'],
    ['{version}', '1.2.0-local'],
    ['v{version}-{git.sha}', 'v1.2.0-local-4be1c0ffee12'],
    ['{env}_{env}', 'prod_prod'],
  ] as const) {
    it(`expands ${template} to ${tag}`, () => {
      expect(expand(template)).to.equal(tag);
    });
  }

  it('never gives uncommitted changes the name of the commit', () => {
    expect(expand('{git.sha}', { repository: { shortRevision: 'abc', dirty: true } })).to.equal('abc-dirty');
  });

  it('starts a tag with what a tag may start with', () => {
    expect(expand('{git.branch}', { branch: 'über/x' })).to.equal('ber-x');
  });

  it('cuts a long branch, and nothing that tells two commits apart', () => {
    const tag = expand('{git.branch}-{git.sha}', { branch: 'b'.repeat(300) });
    expect(tag).to.have.lengthOf(128);
    expect(tag.endsWith('b-4be1c0ffee12')).to.equal(true);
  });

  it('gives each tag once', () => {
    expect(expandTagTemplates(['latest', '{env}', 'prod', 'latest'], tagValues(sources))).to.deep.equal([
      'latest',
      'prod',
    ]);
  });

  it('cuts a branch only by what is too long, and by its share where it stands twice', () => {
    const branch = 'b'.repeat(300);
    expect(expand('{git.branch}', { branch: 'b'.repeat(128) })).to.equal('b'.repeat(128));
    expect(expand('{git.branch}-{git.branch}.{git.branch}', { branch })).to.equal(
      `${'b'.repeat(42)}-${'b'.repeat(42)}.${'b'.repeat(42)}`,
    );
  });

  it('cuts no branch to nothing: then the tag is refused', () => {
    const error = errorOf(() => expand(`{git.branch}${'x'.repeat(128)}`));
    expect([error.code, error.message]).to.deep.equal([
      'usage',
      `the tag ${JSON.stringify(`f${'x'.repeat(99)}…`)} has 129 characters; 128 are allowed`,
    ]);
  });

  it('joins what a tag may not contain into one hyphen, and begins and ends with none', () => {
    expect(expand('{git.branch}', { branch: '..-/a //b/ /' })).to.equal('a-b');
  });

  const remedies: readonly [string, Partial<TagSources>, string][] = [
    ['{git.sha}', { repository: undefined }, 'commit first, or pass a tag: --tag v1'],
    ['{git.branch}', { branch: undefined }, 'check out a branch, or pass a tag: --tag v1'],
    ['{git.branch}', { branch: '日本' }, 'pass a tag: --tag v1'],
    [
      '{version}',
      { version: undefined, hasDynamicVersion: false },
      'write version under [project] in pyproject.toml, or pass a tag: --tag v1',
    ],
    [
      '{version}',
      { version: undefined, hasDynamicVersion: true },
      'use {git.sha} instead of {version}, or pass a tag: --tag v1',
    ],
    ['{sha}', {}, 'supported placeholders: {git.sha}, {git.branch}, {version}, {env}'],
  ];
  for (const [template, changes, hint] of remedies) {
    it(`that cannot be expanded says what to do: ${hint}`, () => {
      expect(errorOf(() => expand(template, changes)).hint).to.equal(hint);
    });
  }

  const missing: readonly [string, Partial<TagSources>, string][] = [
    [
      '{version}',
      { version: undefined, hasDynamicVersion: true },
      'the tag "{version}" needs {version}, but the version in pyproject.toml is dynamic: only its build backend knows it',
    ],
    [`{${'x'.repeat(41)}}`, {}, `the tag "{${'x'.repeat(41)}}" has an unknown placeholder, {${'x'.repeat(40)}}`],
    [
      '{git.sha}',
      { repository: undefined },
      'the tag "{git.sha}" needs {git.sha}, but the project is not in a git repository',
    ],
    [
      '{git.sha}',
      { repository: { shortRevision: undefined, dirty: true } },
      'the tag "{git.sha}" needs {git.sha}, but the git repository has no commit yet',
    ],
    [
      'x-{git.branch}',
      { branch: undefined },
      'the tag "x-{git.branch}" needs {git.branch}, but no git branch is checked out',
    ],
    [
      '{version}',
      { version: undefined },
      'the tag "{version}" needs {version}, but pyproject.toml has no version under [project]',
    ],
    [
      '{git.branch}',
      { branch: '日本' },
      'the tag "{git.branch}" needs {git.branch}, which has no character that is allowed in a tag',
    ],
    ['{git.sah}', {}, 'the tag "{git.sah}" has an unknown placeholder, {git.sah}'],
    ['{}', {}, 'the tag "{}" has an unknown placeholder, {}'],
  ];
  for (const [template, changes, message] of missing) {
    it(`cannot be expanded: ${message}`, () => {
      const error = errorOf(() => expand(template, changes));
      expect([error.code, error.message]).to.deep.equal(['configuration', message]);
      expect(error.hint).to.be.a('string');
    });
  }

  it('knows its unknown placeholders', () => {
    expect(unknownPlaceholders('{git.sha}-{git.sah}-{Env}')).to.deep.equal(['git.sah', 'Env']);
  });

  it('has no problem that values could not have', () => {
    for (const template of ['{git.sha}', 'v{nonsense}', '{}', 'v1'])
      expect(templateProblem(template), template).to.equal(undefined);
  });

  it('has an unmatched brace, or what no tag may contain', () => {
    expect(templateProblem('{git.sha')).to.equal('the tag has an unmatched brace');
    expect(templateProblem('{{git.sha}}')).to.equal('the tag has an unmatched brace');
    expect(templateProblem('a/{env}')).to.equal('the tag "a/x" contains a character that is not allowed');
  });

  for (const template of ['{git.sha', 'git.sha}', '{{git.sha}}', 'a b', 'a/b', '-x', '', 'x'.repeat(129)]) {
    it(`has a problem whatever the values are: ${template.slice(0, 20)}`, () => {
      expect(templateProblem(template)).to.be.a('string');
    });
  }

  it('makes a tag that a registry takes, or says why not, whatever the values are', () => {
    const part = fc.oneof(
      fc.constantFrom(...TAG_PLACEHOLDERS).map((name) => `{${name}}`),
      fc.constantFrom('v', '-', '.', 'x1'),
    );
    const template = fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => parts.join(''));
    fc.assert(
      fc.property(template, fc.string(), fc.string({ maxLength: 20 }), (text, branch, version) => {
        try {
          expect(expand(text, { branch, version })).to.match(/^\w[\w.-]{0,127}$/);
        } catch (error) {
          expect(error).to.be.instanceOf(KdeployError);
        }
      }),
    );
  });
});
