import { posix } from 'node:path';
import { KdeployError } from '../../errors.js';
import { CopiedFiles } from './copied-files.js';
import { ImageView } from './image-view.js';
import { commandSteps, shellSteps, type InstallStep, type ShellStep } from './install.js';
import { PLATFORM_ARGUMENTS, type Instruction, type ParsedDockerfile } from './instructions.js';
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

/** Plays the instructions through, stage by stage, and returns the last stage. Throws KdeployError `configuration`. */
export function finalStage(parsed: ParsedDockerfile, options: StageOptions): Stage | undefined {
  const globals = new Map<string, string>(platformArguments(options.platform));
  const around: Surroundings = { stages: [], globals, escape: parsed.escape, ...options };
  for (const instruction of parsed.instructions) {
    const stage = around.stages.at(-1);
    if (instruction.keyword === 'FROM') around.stages.push(startStage(instruction, around));
    else if (stage !== undefined) play(instruction, stage, around);
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
  return around.stages.at(-1);
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
  return new Stage(
    as?.toUpperCase() === 'AS' ? name?.toLowerCase() : undefined,
    { image: expanded, line },
    { parent, escape },
  );
}

function findStage(stages: readonly Stage[], name: string | undefined): Stage | undefined {
  if (name === undefined) return undefined;
  return stages.findLast((stage) => stage.name === name.toLowerCase());
}

function play(instruction: Instruction, stage: Stage, around: Surroundings): void {
  const { keyword, text, words, line, properties } = instruction;
  switch (keyword) {
    case 'ARG':
      for (const { name, value } of properties) stage.setArgument(name, argumentOf(name, value, stage, around));
      break;
    case 'ENV':
      stage.setEnvironment(properties);
      if (properties.some(({ name }) => name === 'PYTHONUSERBASE' || name === 'HOME')) stage.movesUserPackages = true;
      break;
    case 'WORKDIR': {
      const path = stage.expand(text);
      stage.isWorkdirUnknown = path === undefined || (stage.isWorkdirUnknown && !path.startsWith('/'));
      stage.workdir = stage.resolve(path ?? '.');
      break;
    }
    case 'USER':
      stage.user = stage.expand(text);
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

function playCopy(instruction: Instruction, stage: Stage, stages: readonly Stage[]): void {
  const { text, words, flags, line, heredocs } = instruction;
  const paths = (words ?? text.split(/\s+/)).map((path) => stage.expand(path));
  const target = paths.pop();
  // Nobody can tell where it goes; better nowhere than anywhere.
  if (target === undefined) {
    stage.unknownDestinations.push('/');
    return;
  }
  const destination = stage.resolve(target);
  const sources = paths.filter((path): path is string => path !== undefined && !path.startsWith('<<'));
  for (const { name, content } of heredocs)
    stage.files.make(target.endsWith('/') ? posix.join(destination, name) : destination, packagesIn(content), '/');

  if (destination.startsWith('/etc') || destination === '/') stage.makesUsers = true;
  const from = flags.find(({ name }) => name === 'from')?.value;
  if (from !== undefined || paths.some((path) => isUnclear(path))) stage.unknownDestinations.push(destination);
  if (from === undefined) {
    stage.files.copy(sources, destination, hasFlag(flags, 'parents'));
    // One with an unknown name may be any of them.
    stage.copies.push({ line, sources: paths.includes(undefined) ? ['.'] : sources, destination });
    return;
  }
  const name = stage.expand(from) ?? from;
  const other = findStage(stages, name) ?? (/^\d+$/.test(name) ? stages[Number(name)] : undefined);
  if (other === undefined || other === stage) return;
  if (sources.some((path) => path.includes('.local')) && !destination.startsWith('/root'))
    stage.movesUserPackages = true;
  for (const path of sources) stage.files.copyFrom(other.files, posix.resolve('/', path), destination);
  stage.addStepsOf(other);
}

/** An archive, which ADD unpacks; something from a server; a pattern that may stand for folders, whose contents are copied. */
function isUnclear(source: string | undefined): boolean {
  if (source === undefined || /^[a-z][a-z0-9+.-]*:\/\/|^git@|\.(?:tar|tgz|tbz2?|txz|tar\.\w+)$/i.test(source))
    return true;
  const name = posix.basename(source);
  return /[*?[]/.test(source) && !(/^[^[]*\.[a-z]+$/i.test(name) && !/[*?[]/.test(posix.dirname(source)));
}

function hasFlag(flags: Instruction['flags'], name: string): boolean {
  return flags.some((flag) => flag.name === name && flag.value !== 'false');
}

/** The requirements in a file that the Dockerfile itself contains. */
function packagesIn(content: string): InstallStep[] {
  return content
    .split('\n')
    .map((line) => line.replace(/(?:^|\s)#.*$/, '').trim())
    .filter((line) => line !== '' && !line.startsWith('-'))
    .map((requirement) => ({ kind: 'package', requirement }));
}

function playRun(instruction: Instruction, stage: Stage, stages: readonly Stage[]): void {
  const { words, line } = instruction;
  const { files: mounted, unknown } = mounts(instruction, stage, stages);
  const all = [instruction.text, ...instruction.heredocs.map(({ content }) => content)].join('\n');
  if (/\b(?:cp|mv|ln|rsync|tar|unzip|git clone|kedro)\s|\.sh\b/.test(all)) stage.movesFiles = true;
  stage.scripts.push(all);
  const image = new ImageView(stage, mounted, unknown);
  const steps = words === undefined ? shellSteps(scriptOf(instruction)) : commandSteps(words);
  // `cd dir && pip install …` is followed; a wrong guess only means that the file is not found there.
  let folder = stage.workdir;
  const inFolder = (path: string): string | undefined => {
    const expanded = stage.expand(path);
    return expanded === undefined ? undefined : posix.resolve('/', folder, expanded);
  };
  for (const each of steps) {
    if (each.kind === 'change-folder') folder = inFolder(each.path) ?? folder;
    else if (each.kind === 'make-file') {
      const path = inFolder(each.path);
      if (path !== undefined) stage.files.make(path, each.of, folder);
    } else if (each.kind === 'copy-file') {
      const [from, to] = [inFolder(each.from), inFolder(each.to)];
      if (from !== undefined && to !== undefined)
        for (const files of [stage.files, mounted]) stage.files.copyFrom(files, from, to);
    } else addInstall(each, { stage, files: [mounted, stage.files], image, line, folder });
  }
  if (/\b(?:useradd|adduser|usermod|passwd|newusers|groupmod)\b|\.sh\b/.test(all)) stage.makesUsers = true;
  if (/\.local\b|PYTHONUSERBASE|\bchmod\b|\bchown\b/.test(all)) stage.movesUserPackages = true;
}

interface InstallPlace {
  readonly stage: Stage;
  /** What the step's mounts show, then what the image holds. */
  readonly files: readonly CopiedFiles[];
  readonly image: ImageView;
  readonly line: number;
  readonly folder: string;
}

/** `-r r.txt` of a file that was made of others stands for those. */
const MAXIMUM_INDIRECTION = 4;

function addInstall(
  { step, isForUser }: Extract<ShellStep, { kind: 'install' }>,
  { stage, files, image, line, folder }: InstallPlace,
  depth = 0,
): void {
  const written = 'path' in step ? stage.expand(step.path) : undefined;
  const path = written === undefined ? undefined : posix.resolve('/', folder, written);
  const origins = path === undefined ? [] : files.flatMap((each) => each.origins(path));
  const made = origins.find(({ kind }) => kind === 'made');
  if (step.kind === 'requirements-file' && made?.kind === 'made' && depth < MAXIMUM_INDIRECTION) {
    for (const inner of made.of)
      addInstall(
        { kind: 'install', step: inner, isForUser },
        { stage, files, image, line, folder: made.folder },
        depth + 1,
      );
    return;
  }
  const requirement = step.kind === 'package' ? (stage.expand(step.requirement) ?? step.requirement) : undefined;
  stage.addStep({
    step:
      requirement === undefined || step.kind !== 'package' ? withEnvironment(step, stage) : { ...step, requirement },
    line,
    candidates: [...new Set(origins.flatMap((origin) => (origin.kind === 'project' ? [origin.path] : [])))],
    user: stage.user,
    isForUser,
    // Where a file was made of others, or reaches pip as its input, includes are looked for somewhere else.
    ...(step.kind === 'requirements-file' && step.isInput !== true && depth === 0 && path !== undefined
      ? { seen: { path, image } }
      : {}),
  });
}

/** uv reads these as it does its options (docs.astral.sh/uv/reference/environment). */
function withEnvironment(step: InstallStep, stage: Stage): InstallStep {
  if (step.kind !== 'lock-file' || step.tool !== 'uv' || step.stale !== 'renewed') return step;
  const isSet = (name: string): boolean => /^(?:1|t|true|y|yes|on)$/i.test(stage.get(name) ?? '');
  if (isSet('UV_LOCKED')) return { ...step, stale: 'refused' };
  return isSet('UV_FROZEN') ? { ...step, stale: 'installed' } : step;
}

/** `RUN --mount=type=bind,source=requirements.txt,target=/r.txt`: what the command sees in place of the image's files. */
function mounts({ flags }: Instruction, stage: Stage, stages: readonly Stage[]): Mounts {
  const files = new CopiedFiles();
  const unknown: string[] = [];
  for (const { name, value } of flags) {
    if (name !== 'mount') continue;
    const options = new Map(
      value.split(',').map((option) => {
        const [key = '', given = ''] = option.split(/=(.*)/s);
        return [key.trim(), stage.expand(given) ?? ''] as const;
      }),
    );
    const target = options.get('target') ?? options.get('dst') ?? options.get('destination');
    if (target === undefined) continue;
    if ((options.get('type') ?? 'bind') !== 'bind') {
      unknown.push(stage.resolve(target));
      continue;
    }
    const source = options.get('source') ?? options.get('src') ?? '.';
    const from = options.get('from');
    if (from === undefined) files.copy([source], stage.resolve(target));
    else {
      const other = findStage(stages, from);
      unknown.push(stage.resolve(target));
      if (other !== undefined) files.copyFrom(other.files, posix.resolve('/', source), stage.resolve(target));
    }
  }
  return { files, unknown };
}

interface Mounts {
  readonly files: CopiedFiles;
  /** Where secrets, caches and files of other images are mounted. */
  readonly unknown: readonly string[];
}

/** With a here-document that is given to a shell, or to nothing at all, its lines are the commands. */
function scriptOf({ text, heredocs }: Instruction): string {
  const [heredoc] = heredocs;
  if (heredoc === undefined) return text;
  const command = text.replace(/<<-?\s*\S+/g, '').trim();
  const isScript = /^(?:(?:\/\S+\/)?(?:ba|da|z|k|a)?sh(?:\s+-\S+)*(?:\s+pipefail)?)?$/.test(command);
  const interpreter = /^#!.*/.exec(heredoc.content)?.[0];
  if (interpreter !== undefined && command === '' && !/sh\b/.test(interpreter)) return '';
  return isScript ? heredoc.content : text;
}
