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

  const missing: readonly [string, Partial<TagSources>, string][] = [
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
