import { posix } from 'node:path';
import type { Access } from './access-commands.js';
import { CopiedFiles } from './copied-files.js';
import type { ImageView } from './image-view.js';
import type { Instruction } from './instructions.js';
import type { InstallCommand, InstallStep } from './install.js';
import { isRoot, nameOfUser, type PlacedPackages } from './root-home.js';
import { expand } from './variables.js';

/** An installation, where the Dockerfile makes it. */
export interface PlacedStep {
  readonly step: Exclude<InstallStep, { kind: 'wheels' }>;
  readonly command: InstallCommand;
  readonly line: number;
  /** Files of the project that the step's path may be; the first that exists is meant. */
  readonly candidates: readonly string[];
  /** Of a requirements file: where it is in the image, and what the command sees there beside it. */
  readonly seen?: { readonly path: string; readonly image: ImageView };
}

/** `useradd -u 1000 app`, variables replaced. */
export interface MadeUser {
  readonly line: number;
  readonly name: string;
  readonly uid: string | undefined;
  /** Its ID is KEDRO_UID, which kedro docker passes. */
  readonly isOwner: boolean;
  readonly mayBeInRootGroup: boolean;
  /** A RUN takes users away or looks which there are, so that one of the base image need not be in the way. */
  readonly mayReplaceAnother: boolean;
}

/** `groupadd -g 1000 app`, variables replaced. */
export interface MadeGroup {
  readonly line: number;
  readonly name: string;
  readonly gid: string;
}

/** What an ENV sets. */
export interface StageVariable {
  readonly name: string;
  /** `undefined` where it has a variable that is not known. */
  readonly value: string | undefined;
  readonly line: number;
}

/** The words of the JSON form, or the shell form's text. */
export interface Command {
  readonly line: number;
  readonly words?: readonly string[];
  readonly shell?: string;
}

/** A COPY or ADD of files of the project. */
export interface ProjectCopy {
  readonly line: number;
  /** As written, variables replaced. */
  readonly sources: readonly string[];
  /** Absolute, in the image. */
  readonly destination: string;
  /** A variable is not known, so it may take anything. */
  readonly isUncertain?: boolean;
}

/**
 * One stage of a multi-stage build, as it is after the instructions played so far. What it has of the stage it was
 * built from is looked up there, so that thousands of stages take no more memory than their own lines.
 */
export class Stage {
  readonly name: string | undefined;
  /** The image that the stage starts from, ARGs replaced; `undefined` when it depends on an unknown --build-arg. */
  readonly baseImage: string | undefined;
  readonly line: number;
  readonly parent: Stage | undefined;
  readonly files: CopiedFiles;
  readonly copies: ProjectCopy[] = [];
  /** Where something is copied to of which is not known what it is: of another image, of an archive, with a variable. */
  readonly unknownDestinations: string[] = [];
  /** The text of each RUN. */
  readonly scripts: string[] = [];
  /** Images that FROM, COPY --from and mounts of this stage name, which the build pulls. */
  readonly images: string[] = [];
  readonly placedPackages: PlacedPackages[] = [];
  /** Whom the home of root is opened to. */
  readonly openedTo: Access[] = [];
  readonly madeUsers: MadeUser[] = [];
  readonly madeGroups: MadeGroup[] = [];
  readonly #steps: (PlacedStep | Stage)[] = [];
  readonly #environment = new Map<string, { readonly value: string | undefined; readonly line: number }>();
  readonly #arguments = new Map<string, string>();
  readonly #escape: string;
  workdir: string;
  /** True when no WORKDIR says where it is: the base image decides. */
  isWorkdirUnknown: boolean;
  /** As written where it has a variable that is not known; `undefined`: the base image decides. */
  user: string | undefined;
  entrypoint: Command | undefined;
  cmd: Command | undefined;
  /** False for a CMD that comes from the stage before. */
  hasOwnCmd = false;
  /** A COPY or ADD of something that is not known may contain the project: an archive, another image's folder. */
  mayContainProject: boolean;
  /** What ONBUILD keeps for the stages that start from this one. */
  readonly triggers: Instruction[] = [];
  /** A script or program ran that may have put anything anywhere. */
  movesFiles: boolean;
  makesUsers: boolean;
  /** A RUN takes users away or looks which there are, so that those of the base image need not be in the way. */
  mayReplaceUsers: boolean;
  /** A RUN makes a wheel of the project. */
  buildsProject = false;
  /** A RUN needs the Git repository of the project. */
  asksGit = false;
  /** A RUN deletes it, so that what is copied from this stage is without it. */
  removesRepository = false;
  /** Poetry is told where to make its virtual environment, or one is active or there already. */
  configuresPoetry: boolean;

  constructor(
    name: string | undefined,
    base: { readonly image: string | undefined; readonly line: number },
    { parent, escape = '\\' }: { readonly parent?: Stage | undefined; readonly escape?: string } = {},
  ) {
    this.name = name;
    this.parent = parent;
    this.baseImage = parent === undefined ? base.image : parent.baseImage;
    this.line = base.line;
    this.files = new CopiedFiles(parent?.files);
    this.#escape = escape;
    this.workdir = parent?.workdir ?? '/';
    this.isWorkdirUnknown = parent?.isWorkdirUnknown ?? true;
    this.user = parent?.user;
    this.entrypoint = parent?.entrypoint;
    this.cmd = parent?.cmd;
    this.mayContainProject = parent?.mayContainProject ?? false;
    this.movesFiles = parent?.movesFiles ?? false;
    this.makesUsers = parent?.makesUsers ?? false;
    this.mayReplaceUsers = parent?.mayReplaceUsers ?? false;
    this.configuresPoetry = parent?.configuresPoetry ?? false;
  }

  /** An ENV of the same name wins over an ARG. A stage inherits its parent's ENV, not its ARGs. */
  get(name: string): string | undefined {
    const stage = [this, ...this.#parents()].find((each) => each.#environment.has(name));
    return stage === undefined ? this.#arguments.get(name) : stage.#environment.get(name)?.value;
  }

  expand(text: string): string | undefined {
    return expand(text, this, this.#escape);
  }

  /** Sets what one ENV instruction sets, all at once: `ENV A=1 B=$A` gives B the A from before. */
  setEnvironment(
    properties: readonly { readonly name: string; readonly value: string | undefined }[],
    line: number,
  ): void {
    const values = properties.map(({ name, value }) => [name, this.expand(value ?? '')] as const);
    for (const [name, value] of values) this.#environment.set(name, { value, line });
  }

  /** What ENV sets in the end, here and in the stages that this one starts from. */
  environment(): StageVariable[] {
    const all = new Map<string, StageVariable>();
    for (const stage of [...this.#parents().toReversed(), this]) {
      for (const [name, { value, line }] of stage.#environment) all.set(name, { name, value, line });
    }
    return [...all.values()];
  }

  setArgument(name: string, value: string | undefined): void {
    if (value === undefined) this.#arguments.delete(name);
    else this.#arguments.set(name, value);
  }

  resolve(path: string): string {
    return posix.resolve('/', this.workdir, path);
  }

  /** What is copied from the project into this image, in the stages that it is built from or copied from as well. */
  projectCopies(): ProjectCopy[] {
    return this.contributors().flatMap(({ copies }) => copies);
  }

  /** Of the user that the next RUN has; `undefined` where it is not known. */
  get home(): string | undefined {
    const name = nameOfUser(this.user, this.baseImage);
    if (this.hasVariable('HOME')) return this.get('HOME');
    if (name === undefined || /^[1-9]\d*$/.test(name)) return undefined;
    return isRoot(name) ? '/root' : `/home/${name}`;
  }

  /** Whether an ENV sets it, be it to a value that is not known. */
  hasVariable(name: string): boolean {
    return [this, ...this.#parents()].some((each) => each.#environment.has(name));
  }

  /** What is copied from the project into this image itself, and into the stages that it is built from. */
  ownCopies(): ProjectCopy[] {
    return [this, ...this.#parents()].flatMap(({ copies }) => copies);
  }

  #parents(): Stage[] {
    const parents: Stage[] = [];
    for (let stage = this.parent; stage !== undefined; stage = stage.parent) parents.push(stage);
    return parents;
  }

  addStep(step: PlacedStep): void {
    this.#steps.push(step);
  }

  /** A virtual environment built in another stage and copied over: what was installed there is in this image. */
  addStepsOf(other: Stage): void {
    this.#steps.push(other);
  }

  /** Everything that is installed, in the stages it is built of as well, each once and in order. */
  installations(): PlacedStep[] {
    return this.contributors().flatMap((stage) =>
      stage.#steps.flatMap((step) => (step instanceof Stage ? [] : [step])),
    );
  }

  /** This stage and all that it has something of, each once, those that come first in the Dockerfile first. */
  contributors(): Stage[] {
    const found = new Set<Stage>();
    // A stack of our own: a chain of a thousand stages must not exhaust the engine's.
    const pending: Stage[] = [this];
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
      if (found.has(next)) continue;
      found.add(next);
      pending.push(...next.#steps.filter((step) => step instanceof Stage));
      if (next.parent !== undefined) pending.push(next.parent);
    }
    return [...found].sort((a, b) => a.line - b.line);
  }
}
