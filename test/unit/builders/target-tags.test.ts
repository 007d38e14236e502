import { expect } from 'chai';
import { targetTags } from '../../../src/builders/target-tags.js';
import { KdeployError } from '../../../src/errors.js';
import type { GitRepository } from '../../../src/git/repository.js';
import type { Project } from '../../../src/project/project.js';
import { projectOf, settings } from './projects.js';

const REPOSITORY: GitRepository = {
  root: '/project',
  revision: '4be1c0ffee12'.padEnd(40, '0'),
  shortRevision: '4be1c0ffee12',
  branch: 'feature/x',
  dirty: false,
  remoteUrl: undefined,
};

describe('the names that an image gets', () => {
  const tagsOf = (image: Parameters<typeof settings>[0], facts: Partial<Parameters<typeof targetTags>[2]> = {}) =>
    targetTags(settings(image), projectOf('/project', undefined, { projectVersion: '1.2' }), {
      env: 'prod',
      repository: REPOSITORY,
      environment: {},
      ...facts,
    }).map(String);

  it('are its name with every tag, templates filled in, each once', () => {
    expect(tagsOf({ tags: ['{git.sha}', '{git.branch}-{env}', 'v{version}', 'v1.2', 'latest'] })).to.deep.equal([
      'registry.example.com/app:4be1c0ffee12',
      'registry.example.com/app:feature-x-prod',
      'registry.example.com/app:v1.2',
      'registry.example.com/app:latest',
    ]);
  });

  it('keep the port of the registry apart from the tag', () => {
    expect(tagsOf({ name: 'localhost:5000/app', tags: ['v1'] })).to.deep.equal(['localhost:5000/app:v1']);
  });

  it('take the branch that CI builds, where none is checked out', () => {
    const facts = {
      repository: { ...REPOSITORY, branch: undefined },
      environment: { GITHUB_REF_NAME: 'main', GITHUB_REF_TYPE: 'branch' },
    };
    expect(tagsOf({ tags: ['{git.branch}'] }, facts)).to.deep.equal(['registry.example.com/app:main']);
  });

  it('do not pretend to be a commit that the files are not', () => {
    expect(tagsOf({ tags: ['{git.sha}'] }, { repository: { ...REPOSITORY, dirty: true } })).to.deep.equal([
      'registry.example.com/app:4be1c0ffee12-dirty',
    ]);
  });

  it('need no version in pyproject.toml that would break the project: where it is dynamic, the commit does', () => {
    const tags = (facts: Partial<Project>) => () =>
      targetTags(settings({ tags: ['{version}'] }), projectOf('/project', undefined, facts), {
        env: 'prod',
        repository: REPOSITORY,
        environment: {},
      });
    expect(hintOf(tags({ hasDynamicVersion: true }))).to.equal(
      'use {git.sha} instead of {version}, or pass a tag: --tag v1',
    );
    expect(hintOf(tags({}))).to.equal('write version under [project] in pyproject.toml, or pass a tag: --tag v1');
  });

  const refused: readonly [what: string, image: Parameters<typeof settings>[0], message: RegExp][] = [
    ['no name', { name: null }, /^no image name is configured$/],
    ['a name with a tag', { name: 'app:v1' }, /contains the tag/],
    ['a tag that none is', { tags: ['a/b'] }, /is not allowed/],
    ['a placeholder without a value', { tags: ['{git.sha}'] }, /the project is not in a git repository/],
  ];
  for (const [what, image, message] of refused) {
    it(`are refused for ${what}`, () => {
      expect(() => tagsOf(image, { repository: undefined })).to.throw(KdeployError, message);
    });
  }
});

function hintOf(refused: () => unknown): string | undefined {
  try {
    refused();
  } catch (error) {
    if (error instanceof KdeployError) return error.hint;
    throw error;
  }
  return undefined;
}
