/** What a command line can be completed with, as oclif's list of commands has it. */
export interface CompletableCommand {
  /** `hook:install` */
  readonly id: string;
  readonly hidden?: boolean | undefined;
  readonly summary?: string | undefined;
  readonly flags: Readonly<Record<string, CompletableFlag>>;
  readonly args: Readonly<Record<string, { readonly options?: readonly string[] | undefined }>>;
}

interface CompletableFlag {
  readonly type: 'boolean' | 'option';
  readonly char?: string | undefined;
  readonly hidden?: boolean | undefined;
  readonly multiple?: boolean | undefined;
  readonly allowNo?: boolean | undefined;
  readonly summary?: string | undefined;
  readonly description?: string | undefined;
  readonly helpValue?: string | readonly string[] | undefined;
  readonly options?: readonly string[] | undefined;
}

export interface CompletionInput {
  /** Behind `kdeploy`, up to the word under the cursor, which may be empty. */
  readonly words: readonly string[];
  readonly commands: readonly CompletableCommand[];
  /** Described by the first line of oclif's `topics`. */
  readonly topics: readonly { readonly name: string; readonly description?: string | undefined }[];
  /** The Kedro environments of the project that the words are about. */
  readonly environments: () => Promise<readonly string[]>;
}

export interface Candidate {
  readonly value: string;
  readonly description?: string;
}

/** Words to choose from, or what the shell itself knows to complete. */
export type Completion = readonly Candidate[] | 'files' | 'folders';

/** What fits the last of the words. Bash cuts `--env=pr` into three words; both forms are understood. */
export async function complete(input: CompletionInput): Promise<Completion> {
  const words = joinedAtEquals(input.words);
  const current = words.at(-1) ?? '';
  const before = words.slice(0, -1);
  if (before.includes('--')) return 'files';
  const { command, depth } = commandOf(before, input.commands);
  if (command === undefined) {
    const atStart = before.length === 0 && current.startsWith('-');
    return starting(current, atStart ? [{ value: '--help' }, { value: '--version' }] : nextWords(before, input));
  }

  const [name, value] = /^(--[^=]+)=(.*)$/s.exec(current)?.slice(1) ?? [];
  if (name !== undefined && value !== undefined) {
    const values = await valuesOf(flagNamed(name, command), name, input);
    // Shells replace the whole word, so that a file behind = cannot be left to them.
    return typeof values === 'string'
      ? []
      : starting(
          current,
          values.map((each) => ({ ...each, value: `${name}=${each.value}` })),
        );
  }
  const previous = before.at(-1) ?? '';
  const flag = flagNamed(previous, command);
  if (flag?.type === 'option') {
    const values = await valuesOf(flag, previous, input);
    return typeof values === 'string' ? values : starting(current, values);
  }
  if (current.startsWith('-')) return starting(current, flagsOf(command, before));
  if (command.id === 'help') return starting(current, nextWords(before.slice(depth), input));
  const [argument] = Object.values(command.args);
  return starting(
    current,
    (argument?.options ?? []).map((option) => ({ value: option })),
  );
}

function commandOf(
  before: readonly string[],
  commands: readonly CompletableCommand[],
): { command: CompletableCommand | undefined; depth: number } {
  for (const depth of [2, 1]) {
    const id = before.slice(0, depth).join(':');
    const command = before.length < depth ? undefined : commands.find((each) => each.id === id);
    if (command !== undefined) return { command, depth };
  }
  return { command: undefined, depth: 0 };
}

/** The words that can follow these on the way to a command. */
function nextWords(before: readonly string[], { commands, topics }: CompletionInput): Candidate[] {
  const prefix = before.map((word) => `${word}:`).join('');
  const found = new Map<string, Candidate>();
  for (const { id, hidden, summary } of commands) {
    if (hidden === true || !id.startsWith(prefix)) continue;
    const [value = '', below] = id.slice(prefix.length).split(':');
    const topic = topics.find(({ name }) => name === prefix + value);
    found.set(value, candidate(value, below === undefined ? summary : topic?.description));
  }
  return [...found.values()];
}

/** Not those that are there already, unless they can be repeated. */
function flagsOf({ flags }: CompletableCommand, before: readonly string[]): Candidate[] {
  return Object.entries(flags).flatMap(([name, flag]) => {
    const spellings = flag.allowNo === true ? [`--${name}`, `--no-${name}`] : [`--${name}`];
    const isThere = [...spellings, `-${flag.char ?? '-'}`].some((spelling) => before.includes(spelling));
    if (flag.hidden === true || (isThere && flag.multiple !== true)) return [];
    const description = flag.summary ?? flag.description;
    return spellings.map((spelling, index) => candidate(spelling, index === 0 ? description : `not: ${description}`));
  });
}

function flagNamed(word: string, { flags }: CompletableCommand): CompletableFlag | undefined {
  return Object.entries(flags).find(([name, { char }]) => word === `--${name}` || word === `-${char ?? '-'}`)?.[1];
}

async function valuesOf(
  flag: CompletableFlag | undefined,
  name: string,
  { environments }: CompletionInput,
): Promise<Completion> {
  if (flag?.options !== undefined) return flag.options.map((value) => ({ value }));
  if (name === '--env') return (await environments()).map((value) => ({ value }));
  const value = [flag?.helpValue ?? ''].flat()[0];
  if (value === 'DIR') return 'folders';
  return value === 'FILE' || value === 'PATH' ? 'files' : [];
}

function starting(beginning: string, candidates: readonly Candidate[]): Candidate[] {
  return candidates.filter(({ value }) => value.startsWith(beginning));
}

/** Shells print it in one line, behind the word. */
function candidate(value: string, description: string | undefined): Candidate {
  const line = description?.split('\n')[0]?.trim() ?? '';
  return line === '' ? { value } : { value, description: line };
}

/** `['--env', '=', 'pr']` -> `['--env=pr']` */
function joinedAtEquals(words: readonly string[]): string[] {
  const joined: string[] = [];
  for (const [index, word] of words.entries()) {
    const continues = (word === '=' && joined.at(-1)?.startsWith('--') === true) || words[index - 1] === '=';
    if (continues && joined.length > 0) joined.push(`${joined.pop() ?? ''}${word}`);
    else joined.push(word);
  }
  return joined;
}
