import { isWithoutGit } from './bare-image.js';
import { posix } from 'node:path';
import type { Place } from '../../errors.js';
import type { InstallCommand } from './install.js';
import { parseInstructions, usesBuildKit } from './instructions.js';
import { missingInclude } from './missing-include.js';
import type { StaleLockFile } from './lock-file-install.js';
import { isInRepository } from './play-git.js';
import { copiedBy } from './project-copies.js';
import { isClosedTo, isRoot, nameOfUser, packagesClosedTo, type PlacedPackages } from './root-home.js';
import type { Command, MadeGroup, MadeUser, PlacedStep, ProjectCopy, Stage, StageVariable } from './stage.js';
import { playStages } from './stages.js';
import type { ProjectSource } from '../sources/source.js';

/** What a Dockerfile says about the image it makes, as far as it can be told without building it. */
export interface Dockerfile {
  readonly file: string;
  /** True when the project has none, so that `kedro docker build` will write its own. */
  readonly isTemplate: boolean;
  /** Of the final stage, ARGs replaced: `python:3.11-slim`. */
  readonly baseImage?: string;
  /** All images that the build pulls: of every stage, and those that COPY --from and mounts name. */
  readonly images: readonly string[];
  /** From the base image's tag: `3.11`. */
  readonly pythonVersion?: string;
  readonly installs: readonly Install[];
  readonly entrypoint?: Command;
  readonly cmd?: Command;
  readonly user?: string;
  readonly workdir: string;
  /** False when the base image decides about the working directory. */
  readonly isWorkdirKnown: boolean;
  /** What ENV sets; the base image may set more. */
  readonly environment: readonly StageVariable[];
  /** What COPY and ADD take from the project. */
  readonly projectCopies: readonly ProjectCopy[];
  /** Whether a layer of the image has a file of the project, as far as COPY and ADD show: not one of a stage that was only used. */
  readonly keeps: (path: string) => boolean;
  /** True when a RUN needs the Git repository of the project: `git describe`. */
  readonly asksGit: boolean;
  /** True when the base image has no git, and no RUN mentions it. */
  readonly lacksGit: boolean;
  /** Files and folders of the project that may be at a path in the image, as far as COPY and ADD show. */
  readonly filesAt: (path: string) => readonly string[];
  /**
   * Where in the image pip looks for a file of the project that the installed requirements file includes, when nothing
   * is certain to be there; else `undefined`.
   */
  readonly missingInclude: (install: Install, included: string) => Promise<string | undefined>;
  /** True when a RUN moves or fetches files, so that more may be somewhere than COPY and ADD show. */
  readonly movesFiles: boolean;
  /** True when COPY or ADD may bring the project along without saying so. */
  readonly mayContainProject: boolean;
  /** Packages in the home of root, which the USER of the final stage cannot read. */
  readonly closedPackages: readonly (Omit<PlacedPackages, 'line'> & { readonly place: Place })[];
  /** True when the working directory is in the home of root, which that USER cannot read. */
  readonly isWorkdirClosed: boolean;
  /** Users that a RUN makes. */
  readonly madeUsers: readonly MadeUser[];
  /** Groups that a RUN makes with an ID of their own. */
  readonly madeGroups: readonly MadeGroup[];
  /** True when a RUN may make users. */
  readonly makesUsers: boolean;
  /** Docker's classic builder would refuse it. */
  readonly needsBuildKit: boolean;
}

/** One thing that the Dockerfile installs with pip, uv and the like. */
export type Install = InstallKind & {
  /** The command that installs it; without it, the command of the one before. */
  readonly command?: InstallCommand;
};

type InstallKind =
  | { readonly kind: 'requirements-file'; readonly file: string; readonly exists: boolean; readonly place: Place }
  | { readonly kind: 'package'; readonly requirement: string; readonly place: Place }
  | { readonly kind: 'project'; readonly extras: readonly string[]; readonly place: Place }
  | LockFileInstall
  /** Not to be told from here: a lock file, a file made during the build. */
  | { readonly kind: 'opaque'; readonly what: string; readonly place: Place };

/** `uv sync --frozen`, `poetry install`: what the tool's lock file contains for the project, whatever pyproject.toml says. */
export interface LockFileInstall {
  readonly kind: 'lock-file';
  readonly tool: 'uv' | 'poetry' | 'pdm';
  /** Dependency groups asked for by name, as written: `--group`, `--with`, `--only`. */
  readonly groups?: readonly string[];
  /** `--extra`, `--extras`, as written; `*` for all of them. */
  readonly extras?: readonly string[];
  /** `--no-default-groups`, `--prod`, `--only main`: no group that is not asked for. */
  readonly withoutDefaultGroups?: boolean;
  /** Groups left out by name, whatever else asks for them: `--without`, `--no-group`, `--no-dev`. */
  readonly without?: readonly string[];
  /** `--only`, `--only-group`, `--no-default`: not what the project itself depends on, which Poetry calls `main`. */
  readonly onlyGroups?: boolean;
  /** What the tool does with a lock file that is older than pyproject.toml; without it, installs what it contains. */
  readonly stale?: Exclude<StaleLockFile, 'installed'>;
  readonly place: Place;
}

export interface DockerfileOptions {
  readonly source: ProjectSource;
  /** Relative to the project. */
  readonly file: string;
  /** What the build will pass as --build-arg; kedro docker passes BASE_IMAGE. */
  readonly buildArguments?: Readonly<Record<string, string>>;
  /** What the image is built for, such as `linux/amd64`; Dockerfiles read it as TARGETPLATFORM. */
  readonly platform?: string | null;
}

/** `undefined` when there is no such file. Throws KdeployError `configuration` for what cannot be a Dockerfile. */
export async function readDockerfile(options: DockerfileOptions): Promise<Dockerfile | undefined> {
  const bytes = await options.source.read(options.file);
  return bytes === undefined ? undefined : readText(bytes.toString('utf8'), options);
}

/** The Dockerfile that kedro-docker would write: what is wrong with what it installs is wrong in the project's files. */
export async function readTemplate(text: string, options: DockerfileOptions): Promise<Dockerfile> {
  const dockerfile = await readText(text, options);
  const places = new Map<Install, Install>(
    dockerfile.installs.map((install) => [
      install,
      { ...install, place: { file: install.kind === 'requirements-file' ? install.file : options.file } },
    ]),
  );
  const original = new Map([...places].map(([before, after]) => [after, before]));
  return {
    ...dockerfile,
    isTemplate: true,
    installs: [...places.values()],
    missingInclude: (install, included) => dockerfile.missingInclude(original.get(install) ?? install, included),
  };
}

async function readText(
  text: string,
  { source, file, buildArguments = {}, platform }: DockerfileOptions,
): Promise<Dockerfile> {
  const parsed = parseInstructions(text, file);
  const needsBuildKit = usesBuildKit(parsed);
  const stages = playStages(parsed, {
    file,
    buildArguments: new Map(Object.entries(buildArguments)),
    platform: platform ?? undefined,
  });
  const stage = stages.at(-1);
  if (stage === undefined) return { file, isTemplate: false, installs: [], workdir: '/', needsBuildKit, ...NOTHING };
  const steps = stage.installations();
  const user = nameOfUser(stage.user, stage.baseImage);
  const isOther = user !== undefined && !isRoot(user);
  const contributors = stage.contributors();
  const isCopied = copiedBy(stage.ownCopies());
  const removesRepository = contributors.some((each) => each.removesRepository);
  const installs: Install[] = [];
  const stepOf = new Map<Install, PlacedStep>();
  // One after the other: thousands of reads at once would only wait for each other.
  for (const step of steps) {
    const install = { ...(await toInstall(step, file, source)), command: step.command };
    installs.push(install);
    stepOf.set(install, step);
  }
  return {
    file,
    isTemplate: false,
    ...ofBaseImage(stage.baseImage),
    images: [...new Set(stages.flatMap(({ images }) => images))],
    installs,
    ...defined(stage),
    workdir: stage.workdir,
    isWorkdirKnown: !stage.isWorkdirUnknown,
    environment: stage.environment(),
    projectCopies: stage.projectCopies(),
    keeps: (path) => isCopied(path) || (stage.files.holds(path) && !(isInRepository(path) && removesRepository)),
    asksGit: contributors.some(({ asksGit }) => asksGit),
    lacksGit: lacksGit(stage),
    filesAt: (path) => stage.files.candidates(path),
    missingInclude: async (install, included) => {
      const step = stepOf.get(install);
      if (step === undefined || install.kind !== 'requirements-file') return undefined;
      return missingInclude(included, { file: install.file, step, source });
    },
    movesFiles: stage.movesFiles,
    mayContainProject: stage.mayContainProject,
    closedPackages: isOther ? await closedPackages(packagesClosedTo(stage.user ?? user, stage), file, source) : [],
    isWorkdirClosed: isOther && isClosedTo(stage.user ?? user, stage.workdir, stage),
    madeUsers: stage.contributors().flatMap((each) => each.madeUsers),
    madeGroups: stage.contributors().flatMap((each) => each.madeGroups),
    makesUsers: stage.contributors().some((each) => each.makesUsers),
    needsBuildKit,
  };
}

function lacksGit(stage: Stage): boolean {
  return (
    stage.baseImage !== undefined &&
    isWithoutGit(stage.baseImage) &&
    !stage.contributors().some(({ scripts }) => scripts.some((script) => /\bgit\b(?!\+)/.test(script)))
  );
}

const NOTHING = {
  images: [],
  isWorkdirKnown: false,
  environment: [],
  projectCopies: [],
  keeps: () => false,
  asksGit: false,
  lacksGit: false,
  filesAt: () => [],
  missingInclude: () => Promise.resolve(undefined),
  movesFiles: false,
  mayContainProject: false,
  closedPackages: [],
  isWorkdirClosed: false,
  madeUsers: [],
  madeGroups: [],
  makesUsers: false,
} satisfies Partial<Dockerfile>;

/** Whether Docker's classic builder would refuse this Dockerfile (`RUN --mount`, heredocs, `COPY --link`, `# syntax=`). */
export function needsBuildKit(dockerfile: string): boolean {
  return usesBuildKit(parseInstructions(dockerfile, 'Dockerfile'));
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
    images: baseImage === null ? [] : [baseImage],
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
    isWorkdirKnown: true,
    environment: [],
    projectCopies: [
      { line: 0, sources: ['requirements.txt'], destination: '/tmp/requirements.txt' },
      { line: 0, sources: ['.'], destination: '/home/kedro_docker' },
    ],
    keeps: () => true,
    asksGit: false,
    lacksGit: baseImage !== null && isWithoutGit(baseImage),
    filesAt: (path) => (isBelow('/home/kedro_docker', path) ? [posix.relative('/home/kedro_docker', path) || '.'] : []),
    // Nothing else is copied before pip runs.
    missingInclude: (install, included) =>
      Promise.resolve(
        install.kind === 'requirements-file' && included !== install.file ? posix.join('/tmp', included) : undefined,
      ),
    movesFiles: false,
    mayContainProject: false,
    closedPackages: [],
    isWorkdirClosed: false,
    madeUsers: [],
    madeGroups: [],
    makesUsers: true,
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

function isBelow(folder: string, path: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
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
    case 'lock-file': {
      const { tool, groups, extras, withoutDefaultGroups, without, onlyGroups, stale } = step;
      // Without a COPY that would say so, the lock file is taken for the project's own: a bind mount of single files.
      if (candidates.length > 0 && !candidates.some((folder) => folder === '.' || folder === ''))
        return { kind: 'opaque', what: `${tool} in the folder ${candidates[0] ?? ''}`, place };
      return {
        kind: 'lock-file',
        tool,
        ...(groups.length === 0 ? {} : { groups }),
        ...(extras.length === 0 ? {} : { extras }),
        ...(withoutDefaultGroups ? { withoutDefaultGroups } : {}),
        ...(without.length === 0 ? {} : { without }),
        ...(onlyGroups ? { onlyGroups } : {}),
        ...(stale === 'installed' ? {} : { stale }),
        place,
      };
    }
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

/** poetry.toml configures Poetry, too. */
async function closedPackages(
  found: readonly PlacedPackages[],
  file: string,
  source: ProjectSource,
): Promise<Dockerfile['closedPackages']> {
  const hasPoetryToml = found.length > 0 && (await source.read('poetry.toml')) !== undefined;
  return found
    .filter(({ folder }) => !hasPoetryToml || !folder.includes('/pypoetry/'))
    .map(({ how, folder, line }) => ({ how, folder, place: { file, line } }));
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
