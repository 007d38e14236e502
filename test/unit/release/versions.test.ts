import { expect } from 'chai';
import { versionProblems, type VersionFiles } from '../../../scripts/release/versions.js';

describe('the version of a release', () => {
  const release: VersionFiles = {
    packageJson: '{"version": "1.2.3"}',
    changelog: '# Changelog\n\n## [Unreleased]\n\n## [1.2.3] - 2026-12-01\n\n## [1.2.2] - 2026-11-01\n',
    runtime: '__version__ = "1.2.3"\n',
    preCommit: 'version = "1.2.3"\ndependencies = ["kdeploy==1.2.3"]\n',
    action: 'run: pip install "${PACKAGE:-kdeploy==1.2.3}"',
    component: 'default: kdeploy==1.2.3',
  };
  const problems = (different: Partial<VersionFiles>, isPublished = true) =>
    versionProblems({ ...release, ...different }, isPublished);

  it('is the same in all files', () => expect(problems({})).to.deep.equal([]));

  it('cannot be installed before PyPI has it: it has a part that PyPI takes from nobody', () => {
    expect(problems({}, false)).to.have.lengthOf(3);
    const before = (text: string) => text.replaceAll('kdeploy==1.2.3', 'kdeploy==1.2.3+unreleased');
    const { preCommit, action, component } = release;
    expect(
      problems({ preCommit: before(preCommit), action: before(action), component: before(component) }, false),
    ).to.deep.equal([]);
  });

  const wrong: readonly [file: string, different: Partial<VersionFiles>, says: string][] = [
    ['the runtime', { runtime: '__version__ = "1.2.2"\n' }, 'the runtime says 1.2.2, package.json 1.2.3'],
    ['a runtime without one', { runtime: '' }, 'the runtime says no version'],
    ['the changelog', { changelog: '## [Unreleased]\n\n## [1.2.2] - 2026-11-01\n' }, 'it has 1.2.2'],
    ['a changelog without a release', { changelog: '## [Unreleased]\n' }, 'it has none'],
    ['a release without a date', { changelog: '## [1.2.3] - soon\n' }, 'CHANGELOG.md has soon for the date'],
    ['the hook', { preCommit: 'version = "1.2.3"\ndependencies = ["kdeploy"]' }, 'installs kdeploy==nothing'],
    ['the action', { action: 'kdeploy==1.2.30' }, 'action.yml installs kdeploy==1.2.30; it must be 1.2.3'],
  ];
  for (const [file, different, says] of wrong) {
    it(`is missed in ${file}`, () => expect(problems(different).join('\n')).to.contain(says));
  }
});
