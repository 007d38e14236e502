import { KdeployError } from '../../errors.js';
import { findStage } from './find-stage.js';
import { PLATFORM_ARGUMENTS, triggerOf, type Instruction, type ParsedDockerfile } from './instructions.js';
import { playCopy } from './play-copy.js';
import { playRun } from './play-run.js';
import { Stage } from './stage.js';
import { expand } from './variables.js';

export interface StageOptions {
  readonly file: string;
  readonly buildArguments: ReadonlyMap<string, string>;
  /** `linux/amd64`, for BuildKit's TARGETPLATFORM and its parts. */
  readonly platform: string | undefined;
}

/** Nobody writes more, and each FROM looks through the names of those before it. */
const MAXIMUM_STAGES = 1000;

/** Plays the instructions through, stage by stage; the last one is the image. Throws KdeployError `configuration`. */
export function playStages(parsed: ParsedDockerfile, options: StageOptions): readonly Stage[] {
  const globals = new Map<string, string>(platformArguments(options.platform));
  const around: Surroundings = { stages: [], globals, escape: parsed.escape, ...options };
  for (const instruction of parsed.instructions) {
    const stage = around.stages.at(-1);
    if (instruction.keyword === 'FROM') {
      const started = startStage(instruction, around);
      around.stages.push(started);
      // Once, right behind FROM: a stage that starts from this one inherits what they did.
      for (const trigger of started.parent?.triggers ?? []) play(trigger, started, around);
    } else if (stage !== undefined) play(instruction, stage, around);
    else if (instruction.keyword === 'ARG') {
      for (const { name, value } of instruction.properties) {
        const known =
          options.buildArguments.get(name) ?? (value === undefined ? undefined : expand(value, globals, parsed.escape));
        if (known !== undefined) globals.set(name, known);
      }
    }
    if (around.stages.length > MAXIMUM_STAGES) {
      throw new KdeployError('configuration', `${options.file} has more than ${MAXIMUM_STAGES} stages`, {
        place: { file: options.file },
      });
    }
  }
  return around.stages;
}

interface Surroundings extends StageOptions {
  readonly stages: Stage[];
  readonly globals: Map<string, string>;
  readonly escape: string;
}

/** What BuildKit sets by itself in the global scope (docs.docker.com, "Automatic platform ARGs"). */
function* platformArguments(platform: string | undefined): Generator<[string, string]> {
  if (platform === undefined) return;
  const [os = '', architecture = '', variant = ''] = platform.split('/');
  yield ['TARGETPLATFORM', platform];
  yield ['TARGETOS', os];
  yield ['TARGETARCH', architecture];
  yield ['TARGETVARIANT', variant];
}

function startStage({ text, line }: Instruction, { stages, globals, escape }: Surroundings): Stage {
  const [image = '', as, name] = text.split(/\s+/);
  const expanded = expand(image, globals, escape);
  const parent = findStage(stages, expanded);
  const stage = new Stage(
    as?.toUpperCase() === 'AS' ? name?.toLowerCase() : undefined,
    { image: expanded, line },
    { parent, escape },
  );
  if (parent === undefined && expanded !== undefined && expanded !== 'scratch') stage.images.push(expanded);
  return stage;
}

function play(instruction: Instruction, stage: Stage, around: Surroundings): void {
  const { keyword, text, words, line, properties } = instruction;
  switch (keyword) {
    case 'ARG':
      for (const { name, value } of properties) stage.setArgument(name, argumentOf(name, value, stage, around));
      break;
    case 'ENV':
      stage.setEnvironment(properties, line);
      break;
    case 'WORKDIR': {
      const path = stage.expand(text);
      stage.isWorkdirUnknown = path === undefined || (stage.isWorkdirUnknown && !path.startsWith('/'));
      stage.workdir = stage.resolve(path ?? '.');
      break;
    }
    case 'USER':
      stage.user = stage.expand(text) ?? text;
      break;
    case 'ENTRYPOINT':
      // An ENTRYPOINT takes the inherited CMD away, not one of its own stage.
      if (!stage.hasOwnCmd) stage.cmd = undefined;
      stage.entrypoint = words === undefined ? { line, shell: text } : { line, words };
      break;
    case 'CMD':
      stage.cmd = words === undefined ? { line, shell: text } : { line, words };
      stage.hasOwnCmd = true;
      break;
    case 'COPY':
    case 'ADD':
      playCopy(instruction, stage, around.stages);
      break;
    case 'ONBUILD':
      stage.triggers.push(triggerOf(instruction, around.escape));
      break;
    case 'RUN':
      playRun(instruction, stage, around.stages);
      break;
    default:
  }
}

/** A stage sees a global ARG only when it declares it itself; without a default it then has the global one's value. */
function argumentOf(
  name: string,
  value: string | undefined,
  stage: Stage,
  { buildArguments, globals, platform }: Surroundings,
): string | undefined {
  if (platform === undefined && PLATFORM_ARGUMENTS.test(name)) return buildArguments.get(name);
  return buildArguments.get(name) ?? (value === undefined ? globals.get(name) : stage.expand(value));
}
