import type { Command, Errors } from '@oclif/core';
import { didYouMean } from '../config/settings/suggestion.js';
import { KdeployError } from '../errors.js';
import { withoutValue } from './unknown-command.js';

/** What oclif says is wrong with a command's flags and arguments, as an error like ours, with what was probably meant. */
export async function usageError(error: Errors.CLIError, name: string, command: CommandFlags): Promise<KdeployError> {
  const help = `see \`kdeploy ${name} --help\``;
  const unknown = 'flags' in error && Array.isArray(error.flags) ? error.flags.map(String).map(withoutValue) : [];
  if (unknown.length === 0) return new KdeployError('usage', sentenceOf(error.message), { hint: help });
  const spellings = spellingsOf(command);
  const meant = await Promise.all(unknown.map((flag) => flagLike(flag, spellings)));
  const suggestions = meant.filter((flag) => flag !== undefined);
  return new KdeployError('usage', `unknown flag${unknown.length === 1 ? '' : 's'}: ${unknown.join(', ')}`, {
    hint: suggestions.length === 0 ? help : `did you mean ${[...new Set(suggestions)].join(' and ')}? ${help}`,
  });
}

type CommandFlags = Pick<typeof Command, 'flags' | 'baseFlags' | 'enableJsonFlag'>;

/** `--tag`, `--check`, `--no-check`: whatever the command takes and shows. */
function spellingsOf({ flags, baseFlags, enableJsonFlag }: CommandFlags): string[] {
  const shown = Object.entries({ ...baseFlags, ...flags }).filter(([, { hidden }]) => hidden !== true);
  const spellings = shown.flatMap(([name, flag]) =>
    flag.type === 'boolean' && flag.allowNo ? [`--${name}`, `--no-${name}`] : [`--${name}`],
  );
  return [...spellings, '--help', '--version', ...(enableJsonFlag ? ['--json'] : [])];
}

/** One letter is like any other. */
async function flagLike(flag: string, spellings: readonly string[]): Promise<string | undefined> {
  const word = flag.replace(/^-+/, '');
  if (word.length < 2) return undefined;
  const names = spellings.map((spelling) => spelling.slice(2));
  const longer = names.filter((name) => name.startsWith(word));
  const meant = longer.length === 1 ? longer[0] : await didYouMean(word, names);
  return meant === undefined ? undefined : `--${meant}`;
}

/** oclif puts a heading above what is wrong, and an invitation below it; the error that we print has both already. */
function sentenceOf(message: string): string {
  return message
    .replace(/^The following errors? occurred:\s*/, '')
    .replace(/\nSee more help with --help$/, '')
    .trim();
}
