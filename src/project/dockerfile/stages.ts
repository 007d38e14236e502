import { posix } from 'node:path';
import { CopiedFiles } from './copied-files.js';
import { installSteps, type InstallStep } from './install.js';
import type { Instruction } from './instructions.js';
import { expand } from './variables.js';

/** One stage of a multi-stage build, as it stands after its last instruction. */
export class Stage {
  readonly name: string | undefined;
  /** The image that the stage starts from, ARGs replaced; `undefined` when it depends on an unknown --build-arg. */
  readonly baseImage: string | undefined;
  readonly baseLine: number;
  readonly steps: PlacedStep[];
  readonly files: CopiedFiles;
  readonly #variables: Map<string, string>;
  readonly #environment: Map<string, string>;
  workdir: string;
  user: string | undefined;
  entrypoint: Command | undefined;
  cmd: Command | undefined;

  constructor(name: string | undefined, base: { image: string | undefined; line: number }, parent?: Stage) {
    this.name = name;
    this.baseImage = parent === undefined ? base.image : parent.baseImage;
    this.baseLine = parent === undefined ? base.line : parent.baseLine;
    this.steps = [...(parent?.steps ?? [])];
    this.files = new CopiedFiles(parent?.files);
    // A stage inherits its parent's ENV, not its ARGs.
    this.#environment = new Map(parent?.environment);
    this.#variables = new Map(this.#environment);
    this.workdir = parent?.workdir ?? '/';
    this.user = parent?.user;
    this.entrypoint = parent?.entrypoint;
    this.cmd = parent?.cmd;
  }

  get environment(): ReadonlyMap<string, string> {
    return this.#environment;
  }

  expand(text: string): string | undefined {
    return expand(text, this.#variables);
  }

  setEnvironment(name: string, value: string): void {
    const expanded = this.expand(value);
    if (expanded === undefined) return;
    this.#environment.set(name, expanded);
    this.#variables.set(name, expanded);
  }

  /** An ENV of the same name wins over an ARG. */
  setArgument(name: string, value: string | undefined): void {
    if (value !== undefined && !this.#environment.has(name)) this.#variables.set(name, value);
  }

  resolve(path: string): string {
    return posix.resolve('/', this.workdir, path);
  }
}

export interface PlacedStep {
  readonly step: InstallStep;
  readonly line: number;
  /** Files of the project that the step's path may be; the first that exists is meant. */
  readonly candidates: readonly string[];
}

/** The words of the JSON form, or the shell form's text. */
export interface Command {
  readonly line: number;
  readonly words?: readonly string[];
  readonly shell?: string;
}

/** Plays the instructions through, stage by stage, and returns the last stage. */
export function finalStage(
  instructions: readonly Instruction[],
  buildArguments: ReadonlyMap<string, string>,
): Stage | undefined {
  const globals = new Map<string, string>();
  const stages: Stage[] = [];
  for (const instruction of instructions) {
    const stage = stages.at(-1);
    if (instruction.keyword === 'FROM') stages.push(startStage(instruction, globals, stages));
    else if (stage !== undefined) play(instruction, stage, { stages, globals, buildArguments });
    else if (instruction.keyword === 'ARG') {
      for (const { name, value } of instruction.properties) {
        const known = buildArguments.get(name) ?? (value === undefined ? undefined : expand(value, globals));
        if (known !== undefined) globals.set(name, known);
      }
    }
  }
  return stages.at(-1);
}

function startStage(
  { text, line }: Instruction,
  globals: ReadonlyMap<string, string>,
  stages: readonly Stage[],
): Stage {
  const [image = '', as, name] = text.split(/\s+/);
  const expanded = expand(image, globals);
  const parent = findStage(stages, expanded);
  return new Stage(as?.toUpperCase() === 'AS' ? name?.toLowerCase() : undefined, { image: expanded, line }, parent);
}

function findStage(stages: readonly Stage[], name: string | undefined): Stage | undefined {
  if (name === undefined) return undefined;
  return stages.findLast((stage) => stage.name === name.toLowerCase());
}

interface Surroundings {
  readonly stages: readonly Stage[];
  readonly globals: ReadonlyMap<string, string>;
  readonly buildArguments: ReadonlyMap<string, string>;
}

function play(instruction: Instruction, stage: Stage, around: Surroundings): void {
  const { keyword, text, words, line, properties } = instruction;
  switch (keyword) {
    case 'ARG':
      for (const { name, value } of properties) {
        const given =
          around.buildArguments.get(name) ?? (value === undefined ? around.globals.get(name) : stage.expand(value));
        stage.setArgument(name, given);
      }
      break;
    case 'ENV':
      for (const { name, value } of properties) stage.setEnvironment(name, value ?? '');
      break;
    case 'WORKDIR':
      stage.workdir = stage.resolve(stage.expand(text.trim()) ?? '.');
      break;
    case 'USER':
      stage.user = stage.expand(text.trim());
      break;
    case 'ENTRYPOINT':
      stage.entrypoint = words === undefined ? { line, shell: text } : { line, words };
      break;
    case 'CMD':
      stage.cmd = words === undefined ? { line, shell: text } : { line, words };
      break;
    case 'COPY':
    case 'ADD':
      playCopy(instruction, stage, around.stages);
      break;
    case 'RUN':
      playRun(instruction, stage);
      break;
    default:
  }
}

function playCopy({ text, words, flags }: Instruction, stage: Stage, stages: readonly Stage[]): void {
  const paths = (words ?? text.split(/\s+/)).map((path) => stage.expand(path.replace(/^(["'])(.*)\1$/, '$2')) ?? '');
  const destination = stage.resolve(paths.pop() ?? '.');
  const from = flags.find(({ name }) => name === 'from')?.value;
  if (from === undefined) {
    stage.files.copy(paths, destination);
    return;
  }
  const other = findStage(stages, from) ?? (/^\d+$/.test(from) ? stages[Number(from)] : undefined);
  if (other === undefined || other === stage) return;
  for (const path of paths) {
    stage.files.copyFrom(other.files, posix.resolve('/', path), destination);
    stage.files.copyFrom(other.files, posix.resolve('/', path), posix.join(destination, posix.basename(path)));
  }
  // A virtual environment built in another stage and copied over: what was installed there is in this image.
  stage.steps.push(...other.steps.filter((step) => !stage.steps.includes(step)));
}

function playRun({ text, words, flags, line }: Instruction, stage: Stage): void {
  const files = new CopiedFiles(stage.files);
  for (const { name, value } of flags) {
    if (name !== 'mount') continue;
    const options = new Map(
      value.split(',').map((option) => [option.split('=')[0] ?? '', option.split('=').slice(1).join('=')]),
    );
    const target = options.get('target') ?? options.get('dst') ?? options.get('destination');
    const source = options.get('source') ?? options.get('src') ?? '.';
    if (options.get('type') === 'bind' && target !== undefined && !options.has('from'))
      files.copy([source], stage.resolve(target));
  }
  const command = words === undefined ? text : words.map((word) => `'${word.replaceAll("'", '')}'`).join(' ');
  // `cd dir && pip install …` is followed; a wrong guess only means that the file is not found there.
  let folder = stage.workdir;
  for (const part of words === undefined ? splitAtChangeOfFolder(command) : [command]) {
    const changed = /^\s*cd\s+(\S+?)\/?\s*(?:&&|;|\n|$)/.exec(part)?.[1];
    if (changed !== undefined) folder = posix.resolve('/', folder, stage.expand(changed) ?? '.');
    for (const step of installSteps(part)) {
      const path = 'path' in step ? stage.expand(step.path) : undefined;
      stage.steps.push({
        step,
        line,
        candidates: path === undefined ? [] : files.candidates(posix.resolve('/', folder, path)),
      });
    }
  }
}

function splitAtChangeOfFolder(command: string): string[] {
  return command.split(/(?<=&&|;|\n)(?=\s*cd\s)/);
}
