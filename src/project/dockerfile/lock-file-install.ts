/** An installation from uv.lock, poetry.lock or pdm.lock; `path` is the project's folder as the command gives it. */
export interface LockFileStep {
  readonly kind: 'lock-file';
  readonly tool: 'uv' | 'poetry' | 'pdm';
  readonly path: string;
  readonly groups: readonly string[];
  readonly extras: readonly string[];
  readonly withoutDefaultGroups: boolean;
  readonly without: readonly string[];
  readonly onlyGroups: boolean;
  readonly stale: StaleLockFile;
}

/**
 * What the tool does with a lock file that is older than pyproject.toml: installs what it contains, refuses it, or makes it
 * anew.
 */
export type StaleLockFile = 'installed' | 'refused' | 'renewed';

interface Tool {
  readonly commands: readonly string[];
  /** Options that name groups; the values may be lists with commas. */
  readonly groups: readonly string[];
  readonly allGroups: readonly string[];
  readonly extras: readonly string[];
  readonly allExtras: readonly string[];
  /** Options that leave out every group that is installed unless told otherwise. */
  readonly withoutDefaults: readonly string[];
  /** Options that name groups to leave out. */
  readonly without: readonly string[];
  /** Options that leave out one group, by name. */
  readonly withoutOne: Readonly<Record<string, string>>;
  /** Options that leave out what the project itself depends on. */
  readonly only: readonly string[];
  /** Options that ask for one group, by name. */
  readonly withOne: Readonly<Record<string, string>>;
  /** Commands that make a stale lock file anew, unless an option says otherwise. */
  readonly renewedBy: readonly string[];
  readonly frozen: readonly string[];
  readonly locked: readonly string[];
  /** Options with other values, which are no commands. */
  readonly values: readonly string[];
  readonly folder: readonly string[];
}

/**
 * As of uv 0.9 (docs.astral.sh/uv/reference/cli), Poetry 2 (and 1: `--no-dev`; python-poetry.org/docs/cli) and PDM 2
 * (pdm-project.org/latest/reference/cli).
 */
const TOOLS: Readonly<Record<LockFileStep['tool'], Tool>> = {
  uv: {
    commands: ['sync', 'run', 'export'],
    groups: ['--group', '--only-group'],
    allGroups: ['--all-groups'],
    extras: ['--extra'],
    allExtras: ['--all-extras'],
    withoutDefaults: ['--no-default-groups', '--only-group', '--only-dev'],
    without: ['--no-group'],
    withoutOne: { '--no-dev': 'dev' },
    only: ['--only-group', '--only-dev'],
    withOne: { '--only-dev': 'dev', '--dev': 'dev' },
    renewedBy: ['sync', 'run', 'export'],
    frozen: ['--frozen'],
    locked: ['--locked'],
    values: [
      '--python',
      '-p',
      '--index',
      '--index-url',
      '--extra-index-url',
      '--cache-dir',
      '--config-file',
      '--color',
    ],
    folder: ['--project', '--directory'],
  },
  poetry: {
    commands: ['install', 'sync', 'export'],
    groups: ['--with', '--only'],
    allGroups: ['--all-groups'],
    extras: ['--extras', '-E'],
    allExtras: ['--all-extras'],
    withoutDefaults: ['--no-dev', '--only', '--only-root'],
    without: ['--without'],
    withoutOne: {},
    only: ['--only', '--only-root'],
    withOne: {},
    renewedBy: [],
    frozen: [],
    locked: [],
    values: [],
    folder: ['--directory', '-C', '--project', '-P'],
  },
  pdm: {
    commands: ['install', 'sync', 'export'],
    groups: ['--group', '-G', '--with'],
    allGroups: [],
    extras: [],
    allExtras: [],
    withoutDefaults: ['--prod', '--production'],
    without: ['--without'],
    withoutOne: {},
    only: ['--no-default'],
    withOne: {},
    renewedBy: ['install'],
    frozen: ['--frozen-lockfile', '--no-lock'],
    locked: ['--check'],
    values: [],
    folder: ['--project', '-p'],
  },
};

/** The installation that the words of a command make from a lock file; `undefined` when they do something else. */
export function lockFileInstall(given: readonly string[]): LockFileStep | undefined {
  const words = /^python[\d.]*$/.test(given[0] ?? '') && given[1] === '-m' ? given.slice(2) : given;
  const name = words[0];
  if (name !== 'uv' && name !== 'poetry' && name !== 'pdm') return undefined;
  const tool = TOOLS[name];
  const options = readOptions(words.slice(1), tool);
  if (!tool.commands.includes(options.command ?? '')) return undefined;
  const values = (names: readonly string[]): string[] =>
    options.given.filter((option) => names.includes(option.name)).flatMap(({ value }) => value.split(/[\s,]+/));
  const has = (names: readonly string[]): boolean => options.given.some((option) => names.includes(option.name));
  const named = (names: Readonly<Record<string, string>>): string[] =>
    Object.entries(names).flatMap(([option, group]) => (has([option]) ? [group] : []));
  const only = has(tool.only);
  return {
    kind: 'lock-file',
    tool: name,
    path: values(tool.folder)[0] ?? '.',
    groups: has(tool.allGroups) ? ['*'] : [...values(tool.groups), ...named(tool.withOne)].filter(isNamed),
    extras: has(tool.allExtras) ? ['*'] : values(tool.extras).filter(isNamed),
    // Poetry exports the main group unless told otherwise.
    withoutDefaultGroups: has(tool.withoutDefaults) || (name === 'poetry' && options.command === 'export'),
    // "When --only is specified, --with and --without options are ignored."
    without: name === 'poetry' && only ? [] : [...values(tool.without), ...named(tool.withoutOne)].filter(isNamed),
    onlyGroups: only && !values(tool.groups).includes('main'),
    stale: staleLockFile(tool, options.command ?? '', has),
  };
}

function isNamed(name: string): boolean {
  return name !== '';
}

function staleLockFile(tool: Tool, command: string, has: (names: readonly string[]) => boolean): StaleLockFile {
  if (has(tool.locked)) return 'refused';
  return tool.renewedBy.includes(command) && !has(tool.frozen) ? 'renewed' : 'installed';
}

function readOptions(
  words: readonly string[],
  tool: Tool,
): { command: string | undefined; given: { name: string; value: string }[] } {
  const withValue = [tool.groups, tool.without, tool.extras, tool.values, tool.folder].flat();
  const given: { name: string; value: string }[] = [];
  let command: string | undefined;
  for (let index = 0; index < words.length; index++) {
    const word = words[index] ?? '';
    const [name = '', attached] = word.split(/=(.*)/s);
    if (!word.startsWith('-')) {
      // What `uv run` runs has options of its own.
      if (command === 'run') break;
      command ??= word;
    } else if (attached !== undefined) given.push({ name, value: attached });
    else given.push({ name, value: withValue.includes(name) ? (words[++index] ?? '') : '' });
  }
  return { command, given };
}
