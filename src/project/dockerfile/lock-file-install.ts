/** An installation from uv.lock, poetry.lock or pdm.lock; `path` is the project's folder as the command gives it. */
export interface LockFileStep {
  readonly kind: 'lock-file';
  readonly tool: 'uv' | 'poetry' | 'pdm';
  readonly path: string;
  readonly groups: readonly string[];
  readonly extras: readonly string[];
  readonly withoutDefaultGroups: boolean;
}

interface Tool {
  readonly commands: readonly string[];
  /** Options that name groups; the values may be lists with commas. */
  readonly groups: readonly string[];
  readonly allGroups: readonly string[];
  readonly extras: readonly string[];
  readonly allExtras: readonly string[];
  /** Options that leave out what is installed unless told otherwise. */
  readonly withoutDefaults: readonly string[];
  /** Options with other values, which are no commands. */
  readonly values: readonly string[];
  readonly folder: readonly string[];
}

/** As of uv 0.9, Poetry 2 (and 1: `--no-dev`) and PDM 2. */
const TOOLS: Readonly<Record<LockFileStep['tool'], Tool>> = {
  uv: {
    commands: ['sync', 'run', 'export'],
    groups: ['--group', '--only-group'],
    allGroups: ['--all-groups'],
    extras: ['--extra'],
    allExtras: ['--all-extras'],
    withoutDefaults: ['--no-dev', '--no-default-groups', '--only-group'],
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
    values: [],
    folder: ['--directory', '-C', '--project', '-P'],
  },
  pdm: {
    commands: ['install', 'sync', 'export'],
    groups: ['--group', '-G', '--with'],
    allGroups: [],
    extras: [],
    allExtras: [],
    withoutDefaults: ['--prod', '--production', '--no-default'],
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
  return {
    kind: 'lock-file',
    tool: name,
    path: values(tool.folder)[0] ?? '.',
    groups: has(tool.allGroups) ? ['*'] : values(tool.groups).filter((group) => group !== ''),
    extras: has(tool.allExtras) ? ['*'] : values(tool.extras).filter((extra) => extra !== ''),
    // Poetry exports the main group unless told otherwise.
    withoutDefaultGroups: has(tool.withoutDefaults) || (name === 'poetry' && options.command === 'export'),
  };
}

function readOptions(
  words: readonly string[],
  tool: Tool,
): { command: string | undefined; given: { name: string; value: string }[] } {
  const withValue = [tool.groups, tool.extras, tool.values, tool.folder].flat();
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
