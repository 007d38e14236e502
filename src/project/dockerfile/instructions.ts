import type { Heredoc } from './heredoc.js';
import { logicalLines, type LogicalLine } from './logical-lines.js';
import { shellWords } from './variables.js';

/** One instruction of a Dockerfile, continuations joined and comments gone. */
export interface Instruction {
  /** In capitals: `RUN`. */
  readonly keyword: string;
  /** From 1. */
  readonly line: number;
  /** What follows the keyword and its flags. */
  readonly text: string;
  /** The words, when the instruction has the JSON form. */
  readonly words: readonly string[] | undefined;
  readonly flags: readonly { readonly name: string; readonly value: string }[];
  readonly heredocs: readonly Heredoc[];
  /** Of ARG and ENV; the values as written, with quotes and variables. */
  readonly properties: readonly { readonly name: string; readonly value: string | undefined }[];
}

export interface ParsedDockerfile {
  readonly instructions: readonly Instruction[];
  /** `# syntax=docker/dockerfile:1` */
  readonly syntax: string | undefined;
  /** `\`, or the backtick where `# escape=` says so. */
  readonly escape: string;
}

/** Throws KdeployError `configuration` for what cannot be a Dockerfile. */
export function parseInstructions(text: string, file: string): ParsedDockerfile {
  const { lines, syntax, escape } = logicalLines(text, file);
  return {
    syntax,
    escape,
    instructions: lines.map((line) => parseInstruction(line, escape)),
  };
}

/** The instruction that ONBUILD keeps. */
export function triggerOf({ text, line, heredocs }: Instruction, escape: string): Instruction {
  return parseInstruction({ text, line, heredocs }, escape);
}

function parseInstruction({ text: whole, line, heredocs }: LogicalLine, escape: string): Instruction {
  const [keyword = '', ...rest] = splitAtSpace(whole);
  const { flags, rest: content } = takeFlags(rest.join(''));
  return {
    keyword: keyword.toUpperCase(),
    line,
    text: content,
    words: jsonForm(content),
    flags,
    heredocs,
    properties: propertiesOf(keyword.toUpperCase(), content, escape),
  };
}

function splitAtSpace(text: string): string[] {
  const at = text.search(/\s/);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at).trimStart()];
}

/** `--from=builder --chown=1:1 a b`: words that begin with two dashes, up to the first that does not. */
function takeFlags(text: string): { flags: Instruction['flags']; rest: string } {
  const flags: { name: string; value: string }[] = [];
  let rest = text;
  while (rest.startsWith('--')) {
    const [word = '', behind = ''] = splitAtSpace(rest);
    rest = behind;
    if (word === '--') break;
    const equals = word.indexOf('=');
    flags.push({
      name: word.slice(2, equals < 0 ? undefined : equals),
      value: equals < 0 ? '' : word.slice(equals + 1).replace(/^(["'])(.*)\1$/, '$2'),
    });
  }
  return { flags, rest };
}

function propertiesOf(keyword: string, text: string, escape: string): Instruction['properties'] {
  if (keyword !== 'ARG' && keyword !== 'ENV') return [];
  const words = shellWords(text, escape);
  const [first = ''] = words;
  // The old form, `ENV NAME the rest of the line`.
  if (keyword === 'ENV' && !first.includes('=')) {
    const [name = '', value] = splitAtSpace(text);
    return name === '' || value === undefined ? [] : [{ name, value }];
  }
  return words.map((word) => {
    const equals = word.indexOf('=');
    return equals < 0
      ? { name: word, value: undefined }
      : { name: word.slice(0, equals), value: word.slice(equals + 1) };
  });
}

function jsonForm(content: string): string[] | undefined {
  if (!content.startsWith('[')) return undefined;
  try {
    const words: unknown = JSON.parse(content);
    return Array.isArray(words) && words.every((word) => typeof word === 'string') ? words : undefined;
  } catch {
    // Docker then takes the text for the shell form, and so do we.
    return undefined;
  }
}

const BUILDKIT_FLAGS = new Set([
  'mount',
  'network',
  'security',
  'device',
  'link',
  'chmod',
  'parents',
  'exclude',
  'checksum',
  'keep-git-dir',
  'unpack',
]);

/** Arguments that only BuildKit sets (docs.docker.com, "Automatic platform ARGs in the global scope"). */
export const PLATFORM_ARGUMENTS = /^(?:TARGET|BUILD)(?:PLATFORM|OS|ARCH|VARIANT)$/;

/** Whether Docker's classic builder would refuse this Dockerfile or read it differently. */
export function usesBuildKit({ syntax, instructions }: ParsedDockerfile): boolean {
  return (
    syntax !== undefined ||
    instructions.some(
      ({ keyword, flags, heredocs, properties }) =>
        heredocs.length > 0 ||
        (keyword !== 'HEALTHCHECK' && flags.some(({ name }) => BUILDKIT_FLAGS.has(name))) ||
        (keyword === 'ARG' && properties.some(({ name }) => PLATFORM_ARGUMENTS.test(name))),
    )
  );
}
