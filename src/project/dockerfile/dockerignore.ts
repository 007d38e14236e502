import { KdeployError } from '../../errors.js';
import { parsePattern } from './dockerignore-pattern.js';
import type { ProjectSource } from '../sources/source.js';

/** Which files of the project `docker build` sends to the engine, and so may end up in the image. */
export interface BuildContext {
  /** The file that decides; `undefined` when there is none and kedro-docker's will be written. */
  readonly ignoreFile: string | undefined;
  /** `conf/local/credentials.yml` → true. */
  isIgnored(path: string): boolean;
  /** True when neither the folder nor anything below it can reach the context; such a folder need not be read. */
  isWhollyIgnored(folder: string): boolean;
}

/** What `kedro docker build` writes where there is none (kedro-docker 0.6.2, template/.dockerignore), comments left out. */
export const KEDRO_DOCKER_TEMPLATE = [
  'Dockerfile',
  '.dockerignore',
  'conf/**/*credentials*',
  'conf/local',
  '!conf/local/.gitkeep',
  'data',
  'logs',
  'notebooks',
  'references',
  'results',
  '!logs/.gitkeep',
  '!notebooks/.gitkeep',
  '!references/.gitkeep',
  '!results/.gitkeep',
];

/**
 * BuildKit prefers `<Dockerfile>.dockerignore` (docs.docker.com, "Filename and location"); the classic builder only knows
 * `.dockerignore`. With BuildKit in doubt `usesBuildKit` is false. Throws KdeployError `configuration` for a file that is no
 * list of patterns.
 */
export async function readBuildContext(
  source: ProjectSource,
  { dockerfile = 'Dockerfile', usesBuildKit = false } = {},
): Promise<BuildContext> {
  const candidates = usesBuildKit ? [`${dockerfile}.dockerignore`, '.dockerignore'] : ['.dockerignore'];
  for (const file of candidates) {
    const bytes = await source.read(file);
    if (bytes !== undefined) return buildContext(file, linesOf(bytes.toString('utf8'), file));
  }
  return buildContext(undefined, KEDRO_DOCKER_TEMPLATE);
}

/** Written by hand; every pattern is tried on every file. */
const MAXIMUM_CHARACTERS = 256 * 1024;

/** A few seconds; a hundred patterns and half a million files take half of it. */
const MAXIMUM_STEPS = 100_000_000;

function buildContext(ignoreFile: string | undefined, lines: readonly string[]): BuildContext {
  let left = MAXIMUM_STEPS;
  const effort = {
    spend: (steps: number) => {
      left -= steps;
      if (left < 0) throw tooMuch(ignoreFile ?? '.dockerignore');
    },
  };
  const patterns = lines.map((line) => parsePattern(line, effort)).filter((pattern) => pattern !== undefined);
  const exceptions = patterns.filter(({ isException }) => isException);
  const answers = new Map<string, boolean>();
  const isIgnored = (path: string): boolean => {
    const known = answers.get(path);
    if (known !== undefined) return known;
    effort.spend(patterns.length);
    let ignored = false;
    for (const pattern of patterns) {
      // The last one that matters decides, so only one that would change the answer is tried.
      if (pattern.isException === ignored && pattern.matches(path)) ignored = !ignored;
    }
    answers.set(path, ignored);
    return ignored;
  };
  const mayHoldException = (folder: string): boolean => {
    effort.spend(exceptions.length);
    return exceptions.some((exception) => exception.mayMatchBelow(folder));
  };
  return {
    ignoreFile,
    isIgnored,
    isWhollyIgnored: (folder) => isIgnored(folder) && !mayHoldException(folder),
  };
}

function tooMuch(file: string): KdeployError {
  return new KdeployError('configuration', `${file} has too many patterns for the number of files in the project`, {
    place: { file },
    hint: 'list folders in it instead of single files, and use fewer * and **',
  });
}

function linesOf(text: string, file: string): string[] {
  if (text.length > MAXIMUM_CHARACTERS) {
    throw new KdeployError('configuration', `${file} is too large to be a list of patterns`, {
      place: { file },
      hint: 'list folders in it instead of single files',
    });
  }
  return text.replace(/^\uFEFF/, '').split(/\r?\n/);
}
