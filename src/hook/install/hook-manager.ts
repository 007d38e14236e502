import { readFile } from 'node:fs/promises';
import { basename, dirname, join, relative, sep } from 'node:path';
import type { HooksFolder } from './hooks-folder.js';

/** A tool that manages a repository's hooks, and how kdeploy works with it. */
export interface HookManager {
  readonly name: 'husky' | 'lefthook' | 'pre-commit';
  /** Where the check belongs, relative to the top folder: `lefthook.yml`. */
  readonly file: string;
  /** What to write there. */
  readonly lines: string;
  /** What to run afterwards, if anything. */
  readonly command?: string;
  /** Whether the file calls kdeploy already. */
  readonly callsKdeploy: boolean;
  /** For a manager whose hooks are files of their own, the absolute path; it can be written like git's own. */
  readonly hookFile?: string;
}

type Detection = (folder: HooksFolder) => Promise<HookManager | undefined>;

/** Of several, the first: husky has taken git's hooks for itself, the others are only configured. */
export async function findHookManager(folder: HooksFolder): Promise<HookManager | undefined> {
  for (const detect of [husky, lefthook, preCommit]) {
    const manager = await detect(folder);
    if (manager !== undefined) return manager;
  }
  return undefined;
}

const husky: Detection = async (folder) => {
  const own = huskyFolder(folder.path);
  if (own === undefined || folder.location !== 'work-tree') return undefined;
  const hookFile = join(own, 'pre-push');
  const text = await textOf(hookFile);
  return {
    name: 'husky',
    file: relative(folder.workTree, hookFile).split(sep).join('/'),
    // A command that reads git's lines takes them from the one behind it; so each gets them anew.
    lines: `refs=$(cat)
printf '%s\\n' "$refs" | kdeploy hook run "$@"
# and before each command below that reads git's lines, such as git lfs:  printf '%s\\n' "$refs" |`,
    callsKdeploy: (text ?? '').includes('kdeploy hook run'),
    hookFile,
  };
};

/** husky 9 sends git to `.husky/_`, older ones to `.husky`; the user's own hooks are in `.husky`. */
function huskyFolder(hooks: string): string | undefined {
  if (basename(hooks) === '_' && basename(dirname(hooks)) === '.husky') return dirname(hooks);
  return basename(hooks) === '.husky' ? hooks : undefined;
}

/** lefthook.dev, "Configuration": the names under which it looks for its file. */
const LEFTHOOK_FILES = ['lefthook', '.lefthook', '.config/lefthook'].flatMap((name) =>
  ['yml', 'yaml', 'toml', 'json', 'jsonc'].map((ending) => `${name}.${ending}`),
);

const lefthook: Detection = async (folder) => {
  const found = await firstFile(folder.workTree, LEFTHOOK_FILES);
  if (found === undefined) return undefined;
  return {
    name: 'lefthook',
    file: found.file,
    lines: (await usesLfs(folder.workTree)) ? LEFTHOOK_WITH_LFS : LEFTHOOK,
    command: 'lefthook install',
    callsKdeploy: found.text.includes('kdeploy hook run'),
  };
};

const LEFTHOOK = `pre-push:
  jobs:
    - name: kdeploy
      run: kdeploy hook run {1} {2}
      use_stdin: true`;

/** By itself lefthook lets git-lfs upload before it runs any job. */
const LEFTHOOK_WITH_LFS = `skip_lfs: true
${LEFTHOOK.replace('jobs:', 'piped: true\n  jobs:')}
    - name: git-lfs
      run: git lfs pre-push {1} {2}
      use_stdin: true`;

async function usesLfs(workTree: string): Promise<boolean> {
  return /\bfilter=lfs\b/.test((await textOf(join(workTree, '.gitattributes'))) ?? '');
}

const preCommit: Detection = async (folder) => {
  const found = await firstFile(folder.workTree, ['.pre-commit-config.yaml']);
  if (found === undefined) return undefined;
  return {
    name: 'pre-commit',
    file: found.file,
    lines: `repos:
  - repo: local
    hooks:
      - id: kdeploy
        name: kdeploy
        entry: kdeploy hook run
        language: system
        stages: [pre-push]
        always_run: true
        pass_filenames: false`,
    command: 'pre-commit install --hook-type pre-push',
    callsKdeploy: /^\s*-?\s*id:\s*["']?kdeploy\b|kdeploy hook run/m.test(found.text),
  };
};

async function firstFile(
  folder: string,
  files: readonly string[],
): Promise<{ file: string; text: string } | undefined> {
  for (const file of files) {
    const text = await textOf(join(folder, file));
    if (text !== undefined) return { file, text };
  }
  return undefined;
}

async function textOf(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch(() => undefined);
}
