import { runtimeVersionIn } from '../../src/bake/runtime-package.js';

/** The texts of the files that name the version; `undefined` where a file is missing. */
export interface VersionFiles {
  readonly packageJson: string;
  readonly changelog: string;
  /** templates/runtime/kdeploy_runtime/__init__.py */
  readonly runtime: string;
  /** The thin project for the pre-commit framework. */
  readonly preCommit: string;
  readonly action: string;
  readonly component: string;
}

/** What keeps these files from being one release. Each problem says which file to change. */
export function versionProblems(files: VersionFiles, isPublished: boolean): string[] {
  const { version } = JSON.parse(files.packageJson) as { version: string };
  const problems: string[] = [];
  const runtime = runtimeVersionIn(files.runtime);
  if (runtime !== version) {
    problems.push(
      `the runtime says ${runtime ?? 'no version'}, package.json ${version}: templates/runtime/kdeploy_runtime/__init__.py`,
    );
  }
  const newest = /^## \[?(\d[^\]\s]*)\]? - (\S+)$/m.exec(files.changelog);
  if (newest?.[1] !== version) {
    problems.push(
      `CHANGELOG.md has no "## [${version}] - DATE" as its newest release; it has ${newest?.[1] ?? 'none'}`,
    );
  } else if (!/^\d{4}-\d\d-\d\d$/.test(newest[2] ?? '')) {
    problems.push(`CHANGELOG.md has ${newest[2] ?? 'nothing'} for the date of ${version}`);
  }
  const wanted = isPublished ? version : `${version}+unreleased`;
  const own = /^version = "([^"]+)"$/m.exec(files.preCommit)?.[1];
  if (own !== version) problems.push(`pyproject.toml has the version ${own ?? 'none'}, package.json ${version}`);
  for (const [file, text] of [
    ['pyproject.toml', files.preCommit],
    ['action.yml', files.action],
    ['templates/image/template.yml', files.component],
  ] as const) {
    const installed = /kdeploy==([\w.+!-]+)/.exec(text)?.[1];
    if (installed !== wanted)
      problems.push(`${file} installs kdeploy==${installed ?? 'nothing'}; it must be ${wanted}`);
  }
  return problems;
}
