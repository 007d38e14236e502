import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { EXPLAINED_IDS } from '../src/rule-ids.js';
import { RULES } from '../src/checks/rules.js';
import type { RuleGroup } from '../src/checks/rule.js';

/*
 * Writes docs/checks.md, the list of all checks with a link to the page of each. Run with: npm run docs
 */

/** What findings can be called that come from no rule of their own. */
const OTHER_PAGES = EXPLAINED_IDS.filter((id) => !RULES.some((rule) => rule.id === id));

const GROUPS: Readonly<Record<RuleGroup, string>> = {
  project: 'Can it be built at all?',
  tracking: 'Will the image log to the right server? Skipped with `mlflow.enabled: false`.',
  secrets: 'Does the image contain a secret?',
};

/** The Markdown of docs/checks.md. */
export function listOfChecks(): string {
  const groups = Object.entries(GROUPS).map(([group, question]) => {
    const rows = RULES.filter((rule) => rule.group === group).map(
      ({ id, description }) => `- [\`${id}\`](checks/${id}.md): ${description}`,
    );
    return `## ${capital(group)}\n\n${question}\n\n${rows.join('\n')}`;
  });
  const others = OTHER_PAGES.map((id) => `- [\`${id}\`](checks/${id}.md): ${descriptionOnPage(id)}`);
  return `${[INTRODUCTION, ...groups, `## Others\n\nFindings that do not come from one of the checks above.\n\n${others.join('\n')}`].join('\n\n')}\n`;
}

const INTRODUCTION = `# Checks

What \`kdeploy check\` verifies, and \`kdeploy build\` before it builds. Each check has a page: why it exists, what its
findings look like, how to fix them.

A finding is an **error** when the image would not log to the right server, or would contain a secret; then nothing is
built. A **warning** marks a likely problem, an **info** something worth knowing. The name of the check follows the
finding in brackets.

\`kdeploy check --explain NAME\` shows the page of a check in the terminal. \`kdeploy check --fix\` applies the safe
fixes.

To turn a check off, or to change its severity, use \`checks\` in kdeploy.yml: see
[the guide](guide.md#checks-that-do-not-fit-your-project).`;

/** The first sentence below the title. */
function descriptionOnPage(id: string): string {
  const page = readFileSync(new URL(`../docs/checks/${id}.md`, import.meta.url), 'utf8');
  return (page.split('\n\n')[1] ?? '').replaceAll('\n', ' ').replace(/\.$/, '');
}

function capital(word: string): string {
  return word.slice(0, 1).toUpperCase() + word.slice(1);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await writeFile(new URL('../docs/checks.md', import.meta.url), listOfChecks());
}
