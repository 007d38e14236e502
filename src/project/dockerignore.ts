import type { Ignore } from '@balena/dockerignore';
import type { ProjectSource } from './source.js';

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
const KEDRO_DOCKER_TEMPLATE = [
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
 * `.dockerignore`. With BuildKit in doubt `usesBuildKit` is false.
 */
export async function readBuildContext(
  source: ProjectSource,
  { dockerfile = 'Dockerfile', usesBuildKit = false } = {},
): Promise<BuildContext> {
  const candidates = usesBuildKit ? [`${dockerfile}.dockerignore`, '.dockerignore'] : ['.dockerignore'];
  for (const file of candidates) {
    const bytes = await source.read(file);
    if (bytes !== undefined) return buildContext(file, linesOf(bytes.toString('utf8')));
  }
  return buildContext(undefined, KEDRO_DOCKER_TEMPLATE);
}

async function buildContext(ignoreFile: string | undefined, patterns: readonly string[]): Promise<BuildContext> {
  const { default: dockerignore } = await import('@balena/dockerignore');
  // Docker tells capitals apart; the library does not unless asked to.
  const matcher = dockerignore.default({ ignorecase: false });
  // The library does not trim what follows the exclamation mark, Docker does.
  const accepted = patterns
    .filter(isPattern)
    .map((pattern) => pattern.trim().replace(/^!\s+/, '!'))
    .filter((pattern) => isReadable(pattern, dockerignore.default));
  matcher.add(accepted);
  const exceptions = accepted.filter((pattern) => pattern.startsWith('!')).map((pattern) => clean(pattern.slice(1)));

  return {
    ignoreFile,
    isIgnored: (path) => matcher.ignores(path),
    isWhollyIgnored: (folder) =>
      matcher.ignores(folder) && !exceptions.some((exception) => mayReach(exception, folder)),
  };
}

/** Whether an exception such as `!conf/local/.gitkeep` or `!**`+`/*.md` may bring back something below the folder. */
function mayReach(exception: string, folder: string): boolean {
  const literal = exception.split(/[*?[\\]/, 1)[0] ?? '';
  const below = `${folder}/`;
  return literal === exception
    ? `${exception}/`.startsWith(below) || below.startsWith(`${exception}/`)
    : literal.startsWith(below) || below.startsWith(literal);
}

function clean(pattern: string): string {
  return pattern
    .trim()
    .replace(/^\.?\/+/, '')
    .replace(/\/+$/, '');
}

function linesOf(text: string): string[] {
  return text.replace(/^\uFEFF/, '').split(/\r?\n/);
}

function isPattern(pattern: string): boolean {
  const text = pattern.trim();
  if (text === '' || pattern.startsWith('#') || text === '!') return false;
  // Many `**` in one pattern make its regular expression exponential.
  if (text.length > 1000 || (text.match(/\*\*/g)?.length ?? 0) > 4) return false;
  return true;
}

/**
 * Docker refuses a file with a pattern that it cannot read, so leaving the line out never hides a file from a check.
 * The library throws only when it matches.
 */
function isReadable(pattern: string, dockerignore: (options: { ignorecase: boolean }) => Ignore): boolean {
  try {
    dockerignore({ ignorecase: false }).add([pattern]).ignores('a');
    return true;
  } catch {
    return false;
  }
}
