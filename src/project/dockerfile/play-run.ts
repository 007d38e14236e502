import { posix } from 'node:path';
import { CopiedFiles } from './copied-files.js';
import { findStage } from './find-stage.js';
import { ImageView } from './image-view.js';
import { commandSteps, shellSteps, type InstallStep, type ShellStep } from './install.js';
import type { Instruction } from './instructions.js';
import { playAccess } from './play-access.js';
import { playGit } from './play-git.js';
import { inHome } from './root-home.js';
import type { PlacedStep, Stage } from './stage.js';

/** What a RUN installs, makes and moves in a stage, as far as its words show; `stages` are those so far. */
export function playRun(instruction: Instruction, stage: Stage, stages: readonly Stage[]): void {
  const { words, line } = instruction;
  const { files: mounted, unknown } = mounts(instruction, stage, stages);
  const all = [instruction.text, ...instruction.heredocs.map(({ content }) => content)].join('\n');
  if (/\b(?:cp|mv|ln|rsync|tar|unzip|git clone|kedro)\s|\.sh\b/.test(all)) stage.movesFiles = true;
  if (/\b(?:userdel|deluser|usermod|getent|id)\s|\/etc\/passwd|\|\|/.test(all)) stage.mayReplaceUsers = true;
  if (/\bvirtualenvs\.|\bactivate\b|\.venv\b/.test(all)) stage.configuresPoetry = true;
  stage.scripts.push(all);
  playGit(instruction, all, stage);
  const image = new ImageView(stage, mounted, unknown);
  const steps = words === undefined ? shellSteps(scriptOf(instruction)) : commandSteps(words);
  // `cd dir && pip install …` is followed; a wrong guess only means that the file is not found there.
  let folder = stage.workdir;
  const inFolder = (path: string): string | undefined => {
    const absolute = inHome(path, stage.home);
    const expanded = absolute === undefined ? undefined : stage.expand(absolute);
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
    } else if (each.kind === 'build-package') {
      const path = inFolder(each.path);
      const origins = path === undefined ? [] : [mounted, stage.files].flatMap((files) => files.candidates(path));
      if (origins.length === 0 || origins.includes('.')) stage.buildsProject = true;
    } else if (each.kind === 'install') {
      if (each.step.kind === 'opaque' && each.step.tool.startsWith('the script '))
        stage.openedTo.push({ kind: 'everybody' });
      addInstall(each, { stage, stages, files: [mounted, stage.files], image, line, folder });
    } else playAccess(each, { stage, line, script: all, inFolder });
  }
  if (/\b(?:useradd|adduser|usermod|passwd|newusers|groupmod)\b|\.sh\b/.test(all)) stage.makesUsers = true;
}

interface InstallPlace {
  readonly stage: Stage;
  readonly stages: readonly Stage[];
  /** What the step's mounts show, then what the image contains. */
  readonly files: readonly CopiedFiles[];
  readonly image: ImageView;
  readonly line: number;
  readonly folder: string;
}

/** `-r r.txt` of a file that was made of others represents those. */
const MAXIMUM_INDIRECTION = 4;

function addInstall(
  { step, command }: Extract<ShellStep, { kind: 'install' }>,
  { stage, stages, files, image, line, folder }: InstallPlace,
  depth = 0,
): void {
  const written = 'path' in step ? stage.expand(step.path) : undefined;
  const path = written === undefined ? undefined : posix.resolve('/', folder, written);
  const origins = path === undefined ? [] : files.flatMap((each) => each.origins(path));
  const made = origins.find(({ kind }) => kind === 'made');
  if (step.kind === 'requirements-file' && made?.kind === 'made' && depth < MAXIMUM_INDIRECTION) {
    for (const inner of made.of)
      addInstall(
        { kind: 'install', step: inner, command },
        { stage, stages, files, image, line, folder: made.folder },
        depth + 1,
      );
    return;
  }
  const candidates = [...new Set(origins.flatMap((origin) => (origin.kind === 'project' ? [origin.path] : [])))];
  if (step.kind === 'wheels') {
    // What the project's own build tools made, during this build or before it.
    const isOwn =
      stages.some(({ buildsProject }) => buildsProject) || candidates.some((file) => /^dist(?:\/|$)/.test(file));
    const { path: pattern, extras } = step;
    const own: PlacedStep['step'] = isOwn
      ? { kind: 'project', path: '.', extras }
      : { kind: 'package', requirement: pattern };
    stage.addStep({ step: own, command, line, candidates: isOwn ? ['.'] : [] });
    return;
  }
  // The quotes of a marker stay.
  const requirement =
    step.kind === 'package' && step.requirement.includes('$') ? stage.expand(step.requirement) : undefined;
  stage.addStep({
    step:
      requirement === undefined || step.kind !== 'package' ? withEnvironment(step, stage) : { ...step, requirement },
    command,
    line,
    candidates,
    // Where a file was made of others, or reaches pip as its input, includes are looked for somewhere else.
    ...(step.kind === 'requirements-file' && step.isInput !== true && depth === 0 && path !== undefined
      ? { seen: { path, image } }
      : {}),
  });
}

/** uv reads these as it does its options (docs.astral.sh/uv/reference/environment). */
function withEnvironment<Step extends InstallStep>(step: Step, stage: Stage): Step {
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
      if (other === undefined && from !== '') stage.images.push(from);
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
