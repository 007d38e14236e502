import { statSync } from 'node:fs';
import { didYouMean } from '../config/settings/suggestion.js';
import { KdeployError } from '../errors.js';
import { shellCommand } from '../shell-words.js';

/**
 * The usage error for words that are no command, with what was probably meant. `words` are those of the command line as
 * they were typed, `ids` oclif's: `hook:install`.
 */
export async function unknownCommand(words: readonly string[], ids: readonly string[]): Promise<KdeployError> {
  const [first = ''] = words;
  if (first.startsWith('-')) return leadingFlag(words, ids);
  const command = ids.find((id) => isBeginning(id.split(':'), words));
  if (command !== undefined) return unexpectedArgument(command.split(':'), words);
  const below = ids.filter((id) => id.startsWith(`${first}:`)).map((id) => id.split(':')[1] ?? '');
  return below.length === 0 ? unknownWord(first, ids) : unknownSubcommand(first, words[1] ?? '', below);
}

async function unknownWord(word: string, ids: readonly string[]): Promise<KdeployError> {
  const meant = await didYouMean(word, [...new Set(ids.flatMap((id) => [id.split(':')[0] ?? id, spaced(id)]))]);
  return new KdeployError('usage', `unknown command "${word}"`, {
    hint: meant === undefined ? 'see `kdeploy help`' : `did you mean \`kdeploy ${meant}\`?`,
  });
}

async function unknownSubcommand(topic: string, word: string, below: readonly string[]): Promise<KdeployError> {
  const meant = await didYouMean(word, below);
  return new KdeployError('usage', `unknown command "${topic} ${word}"`, {
    hint:
      meant === undefined
        ? `choose one of: ${below.map((name) => `kdeploy ${topic} ${name}`).join(', ')}`
        : `did you mean \`kdeploy ${topic} ${meant}\`?`,
  });
}

/** `kdeploy check ../demo` */
function unexpectedArgument(command: readonly string[], words: readonly string[]): KdeployError {
  const name = command.join(' ');
  const [argument = '', ...others] = words.slice(command.length);
  return new KdeployError('usage', `kdeploy ${name} takes no argument "${argument}"`, {
    hint: isFolder(argument)
      ? `name the project with a flag: ${shellCommand(['kdeploy', ...command, '--project', argument, ...others])}`
      : `see \`kdeploy ${name} --help\``,
  });
}

/** `kdeploy -q check`: the same words in the order that oclif understands. */
async function leadingFlag(words: readonly string[], ids: readonly string[]): Promise<KdeployError> {
  const [flag = ''] = words;
  const start = words.findIndex((word) => ids.some((id) => id.split(':')[0] === word));
  if (start === -1) {
    const meant = flag === '-v' ? '--version' : await didYouMean(flag, ['--help', '--version']);
    return new KdeployError('usage', `unknown flag ${withoutValue(flag)}`, {
      hint: meant === undefined ? 'see `kdeploy help`' : `did you mean \`kdeploy ${meant}\`?`,
    });
  }
  const rest = words.slice(start);
  const end = rest.includes('--') ? rest.indexOf('--') : rest.length;
  const ordered = [...rest.slice(0, end), ...words.slice(0, start), ...rest.slice(end)];
  return new KdeployError('usage', 'flags must follow the command', { hint: shellCommand(['kdeploy', ...ordered]) });
}

/** What is behind `=` may be a secret. */
export function withoutValue(flag: string): string {
  return flag.replace(/=.*/s, '');
}

function isBeginning(beginning: readonly string[], words: readonly string[]): boolean {
  return beginning.every((word, index) => words[index] === word);
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

function spaced(id: string): string {
  return id.replaceAll(':', ' ');
}
