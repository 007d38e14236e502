import type { Finding } from '../finding.js';
import type { Fix } from '../finding.js';
import { KdeployError } from '../errors.js';
import type { ProjectSource } from '../project/sources/source.js';
import { addRequirement } from './add-requirement.js';
import type { FileChange } from './file-change.js';
import { leaveOutOfImage } from './leave-out-of-image.js';
import { moveRequirement } from './move-requirement.js';
import { Overlay } from './overlay.js';
import type { FixStrategy, FixSurroundings } from './strategy.js';
import { setTrackingUri } from './set-tracking-uri.js';
import { writeMlflowConfig } from './write-mlflow-config.js';

export interface FixPlan {
  readonly changes: readonly FileChange[];
  /** What has a fix that is not safe in this project, and why. */
  readonly refused: readonly { readonly finding: Finding; readonly reason: KdeployError }[];
}

export interface PlanOptions extends Omit<FixSurroundings, 'source'> {
  readonly source: ProjectSource;
  readonly findings: readonly Finding[];
  /** What the checks find in a project that reads so. */
  readonly check: (source: ProjectSource) => Promise<readonly Finding[]>;
  /** Throws KdeployError for a file that may not be written. */
  readonly assertWritable: (file: string) => Promise<void>;
}

/** Of one file or several, in the order in which they are made. */
type Changes = FileChange | readonly FileChange[];

const STRATEGIES: { readonly [K in Fix['kind']]: FixStrategy<K, Changes> } = {
  'add-requirement': addRequirement,
  'leave-out-of-image': leaveOutOfImage,
  'move-requirement': moveRequirement,
  'set-tracking-uri': setTrackingUri,
  'write-mlflow-config': writeMlflowConfig,
};

/** More than any chain of findings needs in which one comes to light when another is fixed. */
const MAXIMUM_ROUNDS = 5;

/** The project with the fixes so far, none of them made yet, and what the checks find in it. */
interface State {
  readonly overlay: Overlay;
  readonly findings: readonly Finding[];
  readonly refused: FixPlan['refused'];
}

/**
 * Works out what all fixes together would change. Fixing one thing can bring another to light (kedro-mlflow is required
 * now, and needs kedro-datasets), so the checks look again at the project as it would be. A fix that would leave the
 * project with an error that it did not have is refused. Changes nothing.
 */
export async function planFixes(options: PlanOptions): Promise<FixPlan> {
  const start: State = { overlay: new Overlay(options.source), findings: options.findings, refused: [] };
  const together = await attempt(options, start, options.findings);
  const { overlay, refused } =
    newError(start.findings, together.findings) === undefined ? together : await oneByOne(options, start);
  return { changes: overlay.changes, refused };
}

/** Finds out which of the fixes does harm, and makes the others. */
async function oneByOne(options: PlanOptions, start: State): Promise<State> {
  let state = start;
  for (const finding of uniqueFixes(start.findings)) {
    const next = await attempt(options, state, [finding]);
    const harm = newError(state.findings, next.findings);
    state =
      harm === undefined
        ? next
        : { ...state, refused: [...state.refused, { finding, reason: harmful(finding, harm) }] };
  }
  return state;
}

/** Fixes some findings, and what comes to light by that. */
async function attempt(options: PlanOptions, state: State, findings: readonly Finding[]): Promise<State> {
  const overlay = state.overlay.copy();
  const refused = [...state.refused];
  const known = new Set(state.findings.map(keyOf));
  let [found, wanted] = [state.findings, uniqueFixes(findings)];
  for (let round = 0; round < MAXIMUM_ROUNDS; round++) {
    let isChanged = false;
    for (const finding of wanted) {
      if (finding.fix === undefined) continue;
      try {
        const worked = await work(finding.fix, { source: overlay, mlflowTemplate: options.mlflowTemplate });
        const changes = [worked].flat();
        for (const { file } of changes) await options.assertWritable(file);
        for (const change of changes) overlay.add(change);
        isChanged = true;
      } catch (error) {
        if (!(error instanceof KdeployError)) throw error;
        refused.push({ finding, reason: error });
      }
    }
    if (!isChanged) break;
    found = await options.check(overlay);
    wanted = uniqueFixes(found).filter((finding) => !known.has(keyOf(finding)));
    for (const finding of wanted) known.add(keyOf(finding));
  }
  return { overlay, findings: found, refused };
}

function uniqueFixes(findings: readonly Finding[]): Finding[] {
  const fixable = findings.filter(({ fix }) => fix !== undefined);
  return [...new Map(fixable.map((finding) => [keyOf(finding), finding])).values()];
}

function keyOf({ fix }: Finding): string {
  return JSON.stringify(fix);
}

/** The first error of which the project did not have as many: of the same rule, in the same file. */
function newError(before: readonly Finding[], after: readonly Finding[]): Finding | undefined {
  const counts = new Map<string, number>();
  const kind = ({ rule, place }: Finding) => `${rule} ${place?.file ?? ''}`;
  const isError = ({ severity }: Finding) => severity === 'error';
  for (const finding of before.filter(isError)) counts.set(kind(finding), (counts.get(kind(finding)) ?? 0) + 1);
  return after.filter(isError).find((finding) => {
    const left = counts.get(kind(finding)) ?? 0;
    counts.set(kind(finding), left - 1);
    return left === 0;
  });
}

function harmful(finding: Finding, harm: Finding): KdeployError {
  // A file that would be written needs something more; of any other error, getting rid of the first one is the way.
  const hint = finding.fix?.kind === 'write-mlflow-config' ? harm.remedy : finding.remedy;
  return new KdeployError('configuration', `the fix would cause another error: ${harm.message}`, { hint });
}

function work(fix: Fix, surroundings: FixSurroundings): Promise<Changes> {
  switch (fix.kind) {
    case 'add-requirement':
      return STRATEGIES[fix.kind](fix, surroundings);
    case 'leave-out-of-image':
      return STRATEGIES[fix.kind](fix, surroundings);
    case 'move-requirement':
      return STRATEGIES[fix.kind](fix, surroundings);
    case 'set-tracking-uri':
      return STRATEGIES[fix.kind](fix, surroundings);
    case 'write-mlflow-config':
      return STRATEGIES[fix.kind](fix, surroundings);
  }
}
