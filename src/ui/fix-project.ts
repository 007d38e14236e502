import { applyChanges } from '../fix/apply-changes.js';
import { planProjectFixes, type FixProjectOptions } from '../fix/fix-project.js';
import type { Progress } from '../progress.js';
import { hasColours } from './terminal.js';
import { confirm } from './confirm.js';
import { diffText } from './diff-text.js';
import { writeNote } from './output.js';

/** Shows what --fix would change, and applies it once that is confirmed. All of it goes to stderr: stdout is the report's. */
export async function fixProject(
  options: Omit<FixProjectOptions, 'environment'>,
  { yes }: { readonly yes: boolean },
  { progress, signal }: { readonly progress: Progress; readonly signal: AbortSignal },
): Promise<void> {
  const environment = process.env;
  const plan = await planProjectFixes({ ...options, environment });
  for (const { finding, reason } of plan.refused) {
    progress.note(
      `not fixed: [${finding.rule}] ${reason.message}${reason.hint === undefined ? '' : `; ${reason.hint}`}`,
    );
  }
  if (plan.changes.length === 0) {
    progress.note('nothing to fix automatically');
    return;
  }
  const diff = await diffText(plan.changes, { colours: hasColours(process.stderr, environment) });
  const asks = !yes && process.stdin.isTTY && process.stderr.isTTY;
  // A question cannot be answered unseen, --quiet or not.
  if (asks) writeNote(`${diff}\n`);
  else progress.note(diff);
  if (!yes && !asks) {
    progress.note('no changes made; to apply them: kdeploy check --fix --yes');
    return;
  }
  const terminal = { input: process.stdin, output: process.stderr };
  if (asks && !(await confirm('Apply these changes?', terminal, signal))) {
    progress.note('no changes made');
    return;
  }
  await applyChanges(options.project.root, plan.changes);
  progress.note(`changed: ${plan.changes.map(({ file }) => file).join(', ')}`);
}
