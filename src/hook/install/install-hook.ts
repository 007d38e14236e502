import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { KdeployError } from '../../errors.js';
import { templatePath } from '../../template-files.js';
import { LEGACY_HOOK, putHook, readHookFile, type HookFile } from './hook-file.js';
import type { HookManager } from './hook-manager.js';
import { findHookPlace, shownPath, type HookPlace } from './hook-place.js';
import { renderHookScript, shellQuoted } from './hook-script.js';
import { keepLineEndings } from './line-endings.js';
import { runnerOf } from './temporary-program.js';

export interface InstallOptions {
  /** Any folder of the repository. */
  readonly directory: string;
  /** What the hook will start: this process's node, and kdeploy's bin/run.js; absolute. */
  readonly programs: { readonly node: string; readonly kdeploy: string };
  /** Goes on where a tool manages the hooks, where the folder belongs to all repositories, and over an edited hook. */
  readonly force?: boolean;
  readonly platform?: NodeJS.Platform;
}

/** What is to be done, found out before anything is changed. */
export interface InstallationPlan {
  readonly action: 'installed' | 'updated' | 'unchanged';
  /** Absolute. */
  readonly file: string;
  readonly text: string;
  /** Where the hook that is there is kept, absolute; `undefined` where none has to be moved. */
  readonly keepAs: string | undefined;
  readonly place: HookPlace;
  readonly result: InstalledHook;
}

export interface InstalledHook {
  /** From the top of the work tree, or absolute where it lies elsewhere. */
  readonly hook: string;
  readonly action: 'installed' | 'updated' | 'unchanged';
  /** The hook that was there before, as it is kept; null without one. */
  readonly earlierHook: string | null;
  /** Sentences about what the user may not expect. */
  readonly notes: readonly string[];
}

/** Where npm puts the repository's own kdeploy. */
const PROJECT_KDEPLOY = 'node_modules/kdeploy/bin/run.js';

/**
 * Throws KdeployError `usage` where the hook cannot be put without asking, with what to do instead, and what
 * `findHooksFolder` throws. Changes nothing.
 */
export async function planInstallation(options: InstallOptions): Promise<InstallationPlan> {
  const { directory, force = false } = options;
  const place = await findHookPlace(directory);
  const [current, earlier, template] = await Promise.all([
    readHookFile(place.file),
    readHookFile(place.earlier),
    readFile(templatePath('pre-push'), 'utf8'),
  ]);
  const text = renderHookScript(template, hookPrograms(place, options));

  const plan = (action: 'installed' | 'updated', keepAs: string | undefined, previous: HookFile) =>
    planned(place, action, text, keepAs, previous, options.programs.kdeploy);
  const caller = await existingCaller(place, current);
  if (caller !== undefined) return unchanged(place, text, caller, earlier);
  if (current.kind === 'hook' && current.author !== 'foreign') {
    if (current.text === text) return unchanged(place, text, { file: place.file, notes: [] }, earlier);
    if (current.author === 'kdeploy-edited' && !force) throw edited(place);
    return plan('updated', undefined, earlier);
  }

  if (place.manager !== undefined && !mayBeWritten(place.manager, current, force)) throw managed(place.manager);
  if (place.folder.location === 'elsewhere' && !force) throw elsewhere(place);
  if (current.kind === 'none') return plan('installed', undefined, earlier);
  if (earlier.kind !== 'none') throw twoEarlierHooks(place);
  return plan('installed', place.earlier, current);
}

/** Throws KdeployError `usage` when it cannot be written; then the hook that was there is there still. */
export async function carryOut({
  action,
  file,
  text,
  keepAs,
  place,
  result,
}: InstallationPlan): Promise<InstalledHook> {
  if (action === 'unchanged') return result;
  try {
    await putHook(place.root, file, text, keepAs);
  } catch (error) {
    throw new KdeployError('usage', `${file} cannot be written; no hook was changed`, {
      cause: error,
      hint: 'fix the permissions of its folder or free some space, and run kdeploy hook install again',
    });
  }
  const left = await keepLineEndings(place);
  return left === undefined ? result : { ...result, notes: [...result.notes, left] };
}

/** The node and the kdeploy that are running; `root` is the folder of kdeploy's package. */
export function runningPrograms(root: string): InstallOptions['programs'] {
  return { node: process.execPath, kdeploy: join(root, 'bin', 'run.js') };
}

function hookPrograms(place: HookPlace, { programs, platform = process.platform }: InstallOptions) {
  // The shell that git brings on Windows takes forward slashes.
  const slashes = (path: string) => (platform === 'win32' ? path.replaceAll('\\', '/') : path);
  return {
    node: place.committed ? '' : slashes(programs.node),
    kdeploy: place.committed ? '' : slashes(programs.kdeploy),
    projectKdeploy: place.folder.location === 'elsewhere' ? '' : PROJECT_KDEPLOY,
  };
}

/** What calls kdeploy already without being our own hook: a manager's file, or pre-commit, which keeps ours beside its own. */
async function existingCaller(place: HookPlace, current: HookFile) {
  const { manager, file } = place;
  const isForeign = current.kind === 'hook' && current.author === 'foreign';
  if (manager?.callsKdeploy === true && (current.kind === 'none' || isForeign)) {
    const how = manager.command === undefined ? '' : `; if it is not active yet: ${manager.command}`;
    return { file: join(place.folder.workTree, manager.file), notes: [`${manager.name} runs the check${how}`] };
  }
  const legacy = join(dirname(file), LEGACY_HOOK);
  const moved = isForeign ? await readHookFile(legacy) : undefined;
  if (moved?.kind !== 'hook' || moved.author === 'foreign') return undefined;
  return { file: legacy, notes: ['pre-commit has moved the hook there, and runs it before its own'] };
}

/** husky's own place for it is a file that the user writes; where there is one, only the user knows what it needs. */
function mayBeWritten(manager: HookManager, current: HookFile, force: boolean): boolean {
  return manager.hookFile === undefined ? force : current.kind === 'none';
}

function unchanged(
  place: HookPlace,
  text: string,
  caller: { readonly file: string; readonly notes: readonly string[] },
  earlier: HookFile,
): InstallationPlan {
  const earlierHook = earlier.kind === 'none' ? null : shownPath(place, place.earlier);
  const result = {
    hook: shownPath(place, caller.file),
    action: 'unchanged',
    earlierHook,
    notes: caller.notes,
  } as const;
  return { action: 'unchanged', file: caller.file, text, keepAs: undefined, place, result };
}

function planned(
  place: HookPlace,
  action: 'installed' | 'updated',
  text: string,
  keepAs: string | undefined,
  earlier: HookFile,
  kdeploy: string,
): InstallationPlan {
  const earlierHook = earlier.kind === 'none' ? null : shownPath(place, place.earlier);
  const notes: string[] = [];
  if (earlier.kind === 'hook' && earlierHook !== null) {
    notes.push(
      earlier.executable
        ? `the previous hook is kept as ${earlierHook}, and called after the check`
        : `the previous hook is kept as ${earlierHook}; it is not executable, so neither git nor kdeploy calls it`,
    );
  }
  if (place.committed) {
    notes.push(
      `${shownPath(place, place.file)} can be committed: it contains no paths of this machine, and runs the repository's own kdeploy (${PROJECT_KDEPLOY}, or .venv), else the one on PATH`,
    );
  }
  const runner = place.committed ? undefined : runnerOf(kdeploy);
  if (runner !== undefined) {
    notes.push(
      `the hook starts kdeploy from the cache of ${runner.name}, which may be cleared; pushes are then rejected until there is another kdeploy: install it (${runner.install}), and run kdeploy hook install again`,
    );
  }
  if (place.folder.location === 'elsewhere') {
    notes.push('the hook now serves all repositories that use this folder; it ignores those without a Kedro project');
  }
  const result = { hook: shownPath(place, place.file), action, earlierHook, notes };
  return { action, file: place.file, text, keepAs, place, result };
}

function edited(place: HookPlace): KdeployError {
  return new KdeployError(
    'usage',
    `${shownPath(place, place.file)} was edited after kdeploy wrote it, so it was kept`,
    {
      hint: 'to replace it and lose the edits: kdeploy hook install --force',
    },
  );
}

function managed({ name, file, lines, command, hookFile }: HookManager): KdeployError {
  const message =
    hookFile === undefined
      ? `${name} manages the hooks of this repository (${file}); nothing was changed`
      : `${file} already exists and is run by ${name}, so it was kept`;
  const then = command === undefined ? [] : [`then run: ${command}`];
  const otherwise = hookFile === undefined ? ['or install the hook in addition: kdeploy hook install --force'] : [];
  const added = lines.split('\n').map((line) => `      ${line}`);
  const hint = [`add to ${file}:`, ...added, ...[...then, ...otherwise].map((line) => `    ${line}`)].join('\n');
  return new KdeployError('usage', message, { hint });
}

function elsewhere(place: HookPlace): KdeployError {
  const { path, own, configuredIn } = place.folder;
  const where = configuredIn === undefined ? '' : ` in ${configuredIn}`;
  return new KdeployError(
    'usage',
    `core.hooksPath${where} points to ${path}, outside this repository; nothing was changed`,
    {
      hint: [
        'to check the pushes of all repositories that use this folder: kdeploy hook install --force',
        `    to use hooks for this repository alone: git config core.hooksPath ${shellQuoted(own)}, then kdeploy hook install`,
      ].join('\n'),
    },
  );
}

function twoEarlierHooks(place: HookPlace): KdeployError {
  const [hook, earlier] = [shownPath(place, place.file), shownPath(place, place.earlier)];
  return new KdeployError(
    'usage',
    `another tool has overwritten ${hook}, and ${earlier} still contains the earlier hook; nothing was changed`,
    { hint: `merge what you need of both into ${hook}, delete ${earlier}, and run kdeploy hook install again` },
  );
}
