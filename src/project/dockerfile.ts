import type { Place } from '../errors.js';
import { parseInstructions, usesBuildKit } from './dockerfile/instructions.js';
import { finalStage, type Command, type PlacedStep, type Stage } from './dockerfile/stages.js';
import type { ProjectSource } from './source.js';

/** What a Dockerfile says about the image it makes, as far as it can be told without building it. */
export interface Dockerfile {
  readonly file: string;
  /** True when the project has none, so that `kedro docker build` will write its own. */
  readonly isTemplate: boolean;
  /** Of the final stage, ARGs replaced: `python:3.11-slim`. */
  readonly baseImage?: string;
  /** From the base image's tag: `3.11`. */
  readonly pythonVersion?: string;
  readonly installs: readonly Install[];
  readonly entrypoint?: Command;
  readonly cmd?: Command;
  readonly user?: string;
  readonly workdir: string;
  /** Docker's classic builder would refuse it. */
  readonly needsBuildKit: boolean;
}

/** One thing that the Dockerfile installs with pip, uv and the like. */
export type Install =
  | { readonly kind: 'requirements-file'; readonly file: string; readonly exists: boolean; readonly place: Place }
  | { readonly kind: 'package'; readonly requirement: string; readonly place: Place }
  | { readonly kind: 'project'; readonly extras: readonly string[]; readonly place: Place }
  | LockFileInstall
  /** Not to be told from here: a lock file, a file made during the build. */
  | { readonly kind: 'opaque'; readonly what: string; readonly place: Place };

/** `uv sync --frozen`, `poetry install`: what the tool's lock file holds for the project, whatever pyproject.toml says. */
export interface LockFileInstall {
  readonly kind: 'lock-file';
  readonly tool: 'uv' | 'poetry' | 'pdm';
  /** Dependency groups asked for by name, as written: `--group`, `--with`, `--only`. */
  readonly groups?: readonly string[];
  /** `--extra`, `--extras`, as written; `*` for all of them. */
  readonly extras?: readonly string[];
  /** `--no-dev`, `--no-default-groups`, `--only main`: nothing but what is asked for. */
  readonly withoutDefaultGroups?: boolean;
  readonly place: Place;
}

export interface DockerfileOptions {
  readonly source: ProjectSource;
  /** Relative to the project. */
  readonly file: string;
  /** What the build will pass as --build-arg; kedro docker passes BASE_IMAGE. */
  readonly buildArguments?: Readonly<Record<string, string>>;
}

/** `undefined` when there is no such file. Throws KdeployError `configuration` for what cannot be a Dockerfile. */
export async function readDockerfile({
  source,
  file,
  buildArguments = {},
}: DockerfileOptions): Promise<Dockerfile | undefined> {
  const bytes = await source.read(file);
  if (bytes === undefined) return undefined;
  const parsed = await parseInstructions(bytes.toString('utf8').replace(/^\uFEFF/, ''), file);
  const stage = finalStage(parsed.instructions, new Map(Object.entries(buildArguments)));
  const needsBuildKit = usesBuildKit(parsed);
  if (stage === undefined) return { file, isTemplate: false, installs: [], workdir: '/', needsBuildKit };
  return {
    file,
    isTemplate: false,
    ...ofBaseImage(stage.baseImage),
    installs: await Promise.all(stage.steps.map((step) => toInstall(step, file, source))),
    ...defined(stage),
    workdir: stage.workdir,
    needsBuildKit,
  };
}

/** Whether Docker's classic builder would refuse this Dockerfile (`RUN --mount`, heredocs, `COPY --link`, `# syntax=`). */
export async function needsBuildKit(dockerfile: string): Promise<boolean> {
  return usesBuildKit(await parseInstructions(dockerfile, 'Dockerfile'));
}

/**
 * What `kedro docker build` writes where there is no Dockerfile (kedro-docker 0.6, template/Dockerfile.simple); its base
 * image is `python:X.Y-slim` of whatever Python runs kedro, so the version is only known when `baseImage` is given.
 */
export function kedroDockerTemplate(file: string, baseImage: string | null, hasRequirements: boolean): Dockerfile {
  return {
    file,
    isTemplate: true,
    ...ofBaseImage(baseImage ?? undefined),
    installs: [
      {
        kind: 'requirements-file',
        file: 'requirements.txt',
        exists: hasRequirements,
        place: { file: 'requirements.txt' },
      },
    ],
    cmd: { line: 0, words: ['kedro', 'run'] },
    user: 'kedro_docker',
    workdir: '/home/kedro_docker',
    needsBuildKit: false,
  };
}

/** `python:3.11-slim`, `acme/python:3.11.4`, `ghcr.io/astral-sh/uv:python3.12-bookworm` → the version; else `undefined`. */
export function pythonVersionOf(image: string): string | undefined {
  const [name = '', tag = ''] = image.replace(/@.*$/, '').split(/:(?=[^/]*$)/);
  const repository = name.split('/').at(-1) ?? '';
  const match = /(?:^|python|py)-?(3\.\d+(?:\.\d+)?)(?=$|[-_.a-z])/i.exec(tag);
  if (match === null) return undefined;
  return match.index === 0 && !/^py/i.test(tag) && !/python/i.test(repository) ? undefined : match[1];
}

async function toInstall(
  { step, line, candidates }: PlacedStep,
  dockerfile: string,
  source: ProjectSource,
): Promise<Install> {
  const place = { file: dockerfile, line };
  switch (step.kind) {
    case 'opaque':
      return { kind: 'opaque', what: step.tool, place };
    case 'package':
      return { kind: 'package', requirement: step.requirement, place };
    case 'project':
      return candidates.includes('.') || candidates.includes('')
        ? { kind: 'project', extras: step.extras, place }
        : { kind: 'opaque', what: `the folder ${step.path}`, place };
    case 'requirements-file': {
      for (const file of candidates) {
        if ((await source.read(file)) !== undefined) return { kind: 'requirements-file', file, exists: true, place };
      }
      const [file] = candidates;
      return file === undefined
        ? { kind: 'opaque', what: `${step.path}, which is not copied from the project`, place }
        : { kind: 'requirements-file', file, exists: false, place };
    }
  }
}

function ofBaseImage(baseImage: string | undefined): { baseImage?: string; pythonVersion?: string } {
  if (baseImage === undefined) return {};
  const pythonVersion = pythonVersionOf(baseImage);
  return pythonVersion === undefined ? { baseImage } : { baseImage, pythonVersion };
}

function defined({ entrypoint, cmd, user }: Stage): Pick<Dockerfile, 'entrypoint' | 'cmd' | 'user'> {
  return {
    ...(entrypoint === undefined ? {} : { entrypoint }),
    ...(cmd === undefined ? {} : { cmd }),
    ...(user === undefined ? {} : { user }),
  };
}
