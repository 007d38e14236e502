import { readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Command } from '@oclif/core';

/**
 * Writes docs/reference.md from what the commands tell oclif, which is what --help shows: npm run docs. Nothing in it
 * depends on the terminal, the machine or the version, so a unit test can tell when it is stale.
 */
const BIN = 'kdeploy';
const COMMANDS = fileURLToPath(new URL('../src/commands', import.meta.url));

/** What this page says of a flag; oclif types each kind of flag differently. */
interface Flag {
  readonly type: 'boolean' | 'option';
  readonly char?: string;
  readonly summary?: string;
  readonly description?: string;
  readonly helpGroup?: string;
  readonly helpValue?: string | readonly string[];
  readonly options?: readonly string[];
  readonly default?: unknown;
  readonly env?: string;
  readonly multiple?: boolean;
  readonly allowNo?: boolean;
  readonly hidden?: boolean;
}

interface LoadedCommand {
  /** As it is typed: `build`, `hook install`. */
  readonly name: string;
  readonly command: Command.Class;
}

/** The whole page. */
export async function commandReference(): Promise<string> {
  const commands = await loadCommands();
  const contents = commands.map(
    ({ name, command }) => `- [\`${BIN} ${name}\`](#${BIN}-${name.replaceAll(' ', '-')}): ${sentence(command.summary)}`,
  );
  const [first] = commands;
  return [
    '<!-- Written by scripts/write-reference.ts from the commands themselves: npm run docs. Do not edit. -->',
    '# Command reference',
    `What \`${BIN} COMMAND --help\` shows, on one page. When to use which command, with examples: [the guide](guide.md).`,
    contents.join('\n'),
    '## Flags of every command',
    flagTable(first === undefined ? {} : flagsOf(first.command), true),
    ...commands.map(commandText),
  ]
    .join('\n\n')
    .concat('\n');
}

async function loadCommands(): Promise<LoadedCommand[]> {
  const files = (await readdir(COMMANDS, { recursive: true })).filter((file) => /(?<!\.d)\.ts$/.test(file)).sort();
  const loaded = await Promise.all(
    files.map(async (file) => {
      const module = (await import(pathToFileURL(path.join(COMMANDS, file)).href)) as { default: Command.Class };
      const words = file
        .replace(/\.ts$/, '')
        .split(path.sep)
        .filter((word) => word !== 'index');
      return { name: words.join(' '), command: module.default };
    }),
  );
  return loaded.filter(({ command }) => !command.hidden);
}

function commandText({ name, command }: LoadedCommand): string {
  const fill = (text: string): string => filled(text, name);
  const args = Object.entries(command.args).filter(([, arg]) => arg.hidden !== true);
  const flags = flagTable(flagsOf(command), false);
  return [
    `## ${BIN} ${name}`,
    sentence(command.summary),
    ...(command.description === undefined ? [] : [paragraphs(fill(command.description))]),
    codeBlock(`${BIN} ${usageOf(name, command)}`),
    ...(args.length === 0 ? [] : [table(['Argument', 'Meaning'], args.map(argumentRow))]),
    ...(flags === '' ? [] : [flags]),
    ...exampleTexts(command, fill),
  ].join('\n\n');
}

function usageOf(name: string, command: Command.Class): string {
  if (command.usage !== undefined)
    return [command.usage]
      .flat()
      .map((usage) => filled(usage, name))
      .join('\n');
  const args = Object.entries(command.args).map(([arg, { required }]) => {
    const word = `${arg.toUpperCase()}${command.strict ? '' : '...'}`;
    return required === true ? word : `[${word}]`;
  });
  return [name, ...args, '[FLAGS]'].join(' ');
}

function argumentRow([name, { description, required }]: [string, Command.Class['args'][string]]): string[] {
  return [code(name.toUpperCase()), `${text(description)}${required === true ? '; required' : ''}`];
}

function flagsOf(command: Command.Class): Record<string, Flag> {
  return { ...(command.baseFlags as Record<string, Flag>), ...(command.flags as Record<string, Flag>) };
}

/** Those of every command, or those of this one alone. */
function flagTable(flags: Record<string, Flag>, isGlobal: boolean): string {
  const shown = Object.entries(flags)
    .filter(([, flag]) => flag.hidden !== true && (flag.helpGroup === 'GLOBAL') === isGlobal)
    .sort(([one], [other]) => (one < other ? -1 : 1));
  return shown.length === 0 ? '' : table(['Flag', 'Meaning'], shown.map(flagRow));
}

function flagRow([name, flag]: [string, Flag]): string[] {
  const spelling = flag.allowNo === true ? `--[no-]${name}` : `--${name}`;
  const value = flag.type === 'option' ? ` ${valueOf(flag)}` : '';
  const char = flag.char === undefined ? '' : `${code(`-${flag.char}`)}, `;
  const remarks = [
    ...(flag.multiple === true ? ['may be given several times'] : []),
    ...(typeof flag.default === 'string' ? [`default: ${code(flag.default)}`] : []),
    ...(flag.default === true ? ['on by default'] : []),
    ...(flag.env === undefined ? [] : [`also by the variable ${code(flag.env)}`]),
  ];
  const description = text(flag.summary ?? flag.description);
  const said = remarks.filter((remark) => !description.includes(remark));
  return [`${char}${code(`${spelling}${value}`)}`, [description, ...said].join('; ')];
}

function valueOf(flag: Flag): string {
  // A list too long to show has a word of its own.
  if (flag.options !== undefined && flag.helpValue === undefined) return flag.options.join('|');
  return [flag.helpValue ?? 'VALUE'].flat().join(' ');
}

function exampleTexts(command: Command.Class, fill: (text: string) => string): string[] {
  const examples = command.examples.map((example) =>
    typeof example === 'string' ? fill(example) : `# ${fill(example.description)}\n${fill(example.command)}`,
  );
  return examples.length === 0 ? [] : ['Examples:', codeBlock(examples.join('\n\n'))];
}

/** oclif's templates in summaries, usages and examples. */
function filled(template: string, name: string): string {
  return template.replaceAll('<%= config.bin %>', BIN).replaceAll('<%= command.id %>', name);
}

/** Lines are broken for the terminal; a blank one begins a paragraph. */
function paragraphs(description: string): string {
  return description
    .split(/\n\s*\n/)
    .map((paragraph) => paragraph.replaceAll(/\s*\n\s*/g, ' ').trim())
    .join('\n\n');
}

function sentence(summary: string | undefined): string {
  const words = paragraphs(summary ?? '');
  const start = words.slice(0, 1).toUpperCase() + words.slice(1);
  return /[.!?]$/.test(start) ? start : `${start}.`;
}

function text(description: string | undefined): string {
  return paragraphs(description ?? '').replaceAll('|', '\\|');
}

function code(words: string): string {
  return `\`${words.replaceAll('|', '\\|')}\``;
}

function codeBlock(lines: string): string {
  return `\`\`\`console\n${lines}\n\`\`\``;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await writeFile(new URL('../docs/reference.md', import.meta.url), await commandReference());
}
