import type { Finding } from '../finding.js';
import type { Fix } from '../finding.js';
import { KdeployError } from '../errors.js';
import type { ProjectSource } from '../project/sources/source.js';
import { addRequirement } from './add-requirement.js';
import type { FileChange } from './file-change.js';
import { leaveOutOfImage } from './leave-out-of-image.js';
import { Overlay } from './overlay.js';
import type { FixStrategy, FixSurroundings } from './strategy.js';
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

const STRATEGIES: { readonly [K in Fix['kind']]: FixStrategy<K> } = {
  'add-requirement': addRequirement,
  'leave-out-of-image': leaveOutOfImage,
  'write-mlflow-config': writeMlflowConfig,
};

/** More than any chain of findings needs in which one comes to light when another is fixed. */
const MAXIMUM_ROUNDS = 5;

/**
 * Works out what all fixes together would change. Fixing one thing can bring another to light (kedro-mlflow is required
 * now, and needs kedro-datasets), so the checks look again at the project as it would be. Changes nothing.
 */
export async function planFixes(options: PlanOptions): Promise<FixPlan> {
  const overlay = new Overlay(options.source);
  const refused: { finding: Finding; reason: KdeployError }[] = [];
  const tried = new Set<string>();
  let { findings } = options;
  for (let round = 0; round < MAXIMUM_ROUNDS; round++) {
    let isChanged = false;
    for (const finding of findings) {
      const { fix } = finding;
      if (fix === undefined || tried.has(JSON.stringify(fix))) continue;
      tried.add(JSON.stringify(fix));
      try {
        const change = await work(fix, { source: overlay, mlflowTemplate: options.mlflowTemplate });
        await options.assertWritable(change.file);
        overlay.add(change);
        isChanged = true;
      } catch (error) {
        if (!(error instanceof KdeployError)) throw error;
        refused.push({ finding, reason: error });
      }
    }
    if (!isChanged) break;
    findings = await options.check(overlay);
  }
  return { changes: overlay.changes, refused };
}

function work(fix: Fix, surroundings: FixSurroundings): Promise<FileChange> {
  switch (fix.kind) {
    case 'add-requirement':
      return STRATEGIES[fix.kind](fix, surroundings);
    case 'leave-out-of-image':
      return STRATEGIES[fix.kind](fix, surroundings);
    case 'write-mlflow-config':
      return STRATEGIES[fix.kind](fix, surroundings);
  }
}
