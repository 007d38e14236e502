import { KdeployError, messageOf } from '../../errors.js';

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
  readonly hasHeredoc: boolean;
  /** Of ARG and ENV. */
  readonly properties: readonly { readonly name: string; readonly value: string | undefined }[];
}

export interface ParsedDockerfile {
  readonly instructions: readonly Instruction[];
  /** `# syntax=docker/dockerfile:1` */
  readonly syntax: string | undefined;
}

/** A Dockerfile is written by hand; parsing megabytes would stall the pre-push hook. */
const MAXIMUM_CHARACTERS = 256 * 1024;

/** Throws KdeployError `configuration` for what cannot be a Dockerfile. */
export async function parseInstructions(text: string, file: string): Promise<ParsedDockerfile> {
  if (text.length > MAXIMUM_CHARACTERS || text.includes('\0')) {
    throw new KdeployError('configuration', `${file} is not a Dockerfile: too large, or not a text`, {
      place: { file },
    });
  }
  const { Arg, DockerfileParser, ModifiableInstruction, PropertyInstruction } = await import('dockerfile-ast');
  try {
    const dockerfile = DockerfileParser.parse(text);
    const escape = dockerfile.getEscapeCharacter();
    const syntax = dockerfile.getDirectives().find((directive) => directive.getName().toLowerCase() === 'syntax');
    return {
      syntax: syntax?.getValue() ?? undefined,
      instructions: dockerfile.getInstructions().map((instruction) => {
        const content = isHeredoc(instruction.getKeyword(), instruction.getArgumentsContent() ?? '')
          ? (instruction.getArgumentsContent() ?? '')
          : joined(instruction.getRawArgumentsContent() ?? '', escape);
        const properties =
          instruction instanceof Arg
            ? [instruction.getProperty()].filter((property) => property !== null)
            : instruction instanceof PropertyInstruction
              ? instruction.getProperties()
              : [];
        return {
          keyword: instruction.getKeyword(),
          line: instruction.getRange().start.line + 1,
          text: content,
          words: jsonForm(content),
          flags:
            instruction instanceof ModifiableInstruction
              ? instruction.getFlags().map((flag) => ({ name: flag.getName(), value: flag.getValue() ?? '' }))
              : [],
          hasHeredoc: isHeredoc(instruction.getKeyword(), content),
          properties: properties.map((property) => ({
            name: property.getName(),
            value: property.getValue() ?? undefined,
          })),
        };
      }),
    };
  } catch (error) {
    throw new KdeployError('configuration', `${file} cannot be read as a Dockerfile: ${messageOf(error)}`, {
      place: { file },
      cause: error,
    });
  }
}

function isHeredoc(keyword: string, content: string): boolean {
  return ['RUN', 'COPY', 'ADD'].includes(keyword) && /<<-?\s*["']?[A-Za-z_]/.test(content);
}

/**
 * The text of an instruction without its flags, continuations joined. The library does the same, but leaves comments
 * in that are indented, where Docker drops them (and empty lines) too.
 */
function joined(raw: string, escape: string): string {
  const lines = raw.split(/\r?\n/).filter((line, index) => index === 0 || !/^\s*(?:#.*)?$/.test(line));
  const text = lines.map((line) => {
    const trimmed = line.trimEnd();
    return trimmed.endsWith(escape) ? trimmed.slice(0, -1) : line;
  });
  return text
    .join('')
    .trim()
    .replace(/^(?:--[a-z-]+(?:=\S*)?\s+)+/, '');
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
  'link',
  'chmod',
  'parents',
  'exclude',
  'checksum',
  'keep-git-dir',
  'unpack',
]);

/** Arguments that only BuildKit sets (docs.docker.com, "Automatic platform ARGs in the global scope"). */
const PLATFORM_ARGUMENTS = /^(?:TARGET|BUILD)(?:PLATFORM|OS|ARCH|VARIANT)$/;

/** Whether Docker's classic builder would refuse this Dockerfile or read it differently. */
export function usesBuildKit({ syntax, instructions }: ParsedDockerfile): boolean {
  return (
    syntax !== undefined ||
    instructions.some(
      ({ keyword, flags, hasHeredoc, properties }) =>
        hasHeredoc ||
        (keyword !== 'HEALTHCHECK' && flags.some(({ name }) => BUILDKIT_FLAGS.has(name))) ||
        (keyword === 'ARG' && properties.some(({ name }) => PLATFORM_ARGUMENTS.test(name))),
    )
  );
}
