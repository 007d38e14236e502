import type { CheckedProject } from '../hook/push/check-push.js';
import { findingsText, summaryText } from './findings-text.js';

/** What `git push` shows between its own lines: the findings, each group under the commit that it is about. */
export function pushText(checked: readonly CheckedProject[]): string {
  const commits = new Set(checked.map(({ commit }) => commit));
  const parts: string[] = [];
  for (const commit of commits) {
    const findings = checked.filter((project) => project.commit === commit).flatMap((project) => project.findings);
    if (findings.length === 0) continue;
    const refs = [...new Set(checked.filter((project) => project.commit === commit).flatMap(({ refs: all }) => all))];
    if (commits.size > 1) parts.push(`In ${commit.slice(0, 12)} (${refs.map(shortRef).join(', ')}):`);
    parts.push(findingsText(findings));
  }
  return parts.join('\n');
}

/** The last sentence: what was checked, and what happens to the push. */
export function verdictText(checked: readonly CheckedProject[], { isByHand }: { readonly isByHand: boolean }): string {
  const findings = checked.flatMap((project) => project.findings);
  const projects = [...new Set(checked.map(({ folder }) => (folder === '' ? 'the project' : folder)))];
  const names = projects.length > MAXIMUM_NAMES ? `${projects.length} projects` : projects.join(', ');
  const summary = `kdeploy checked ${names} as committed: ${summaryText(findings)}.`;
  if (!findings.some(({ severity }) => severity === 'error')) return summary;
  return [
    summary,
    isByHand ? 'kdeploy would reject this push.' : 'Push rejected by kdeploy.',
    `    next: ${whereToFix(checked)}fix the errors, commit the changes, and push again`,
    '    to push without the check: git push --no-verify, or KDEPLOY_SKIP_HOOK=1 git push',
  ].join('\n');
}

/** A remedy is a command for the project's folder, and a push is mostly started at the repository's top. */
function whereToFix(checked: readonly CheckedProject[]): string {
  const broken = checked.filter(({ findings }) => findings.some(({ severity }) => severity === 'error'));
  const [folder = '', ...others] = new Set(broken.map((project) => project.folder));
  if (others.length > 0) return "in each project's folder, ";
  return folder === '' ? '' : `in ${folder}, `;
}

const MAXIMUM_NAMES = 5;

function shortRef(ref: string): string {
  return ref.replace(/^refs\/(?:heads|tags)\//, '');
}
