import { createHash } from 'node:crypto';
import { findingsBelow, type PublicFinding, type Severity } from '../../finding.js';
import type { ReadRulePage } from '../../checks/rule-page.js';
import { harmlessJson } from '../harmless.js';
import { plainMarkdown } from '../rule-page-text.js';
import { subjectsOf, type Report, type ReportFormat } from './report.js';

/**
 * SARIF 2.1.0 (docs.oasis-open.org/sarif), for GitHub's code scanning and other platforms that keep findings from one
 * commit to the next. One run, however many projects: GitHub takes no two runs of one tool in one upload.
 */
export const sarif = {
  name: 'sarif',
  async render(report, { readPage }) {
    const { kdeploy } = report;
    const subjects = subjectsOf(report);
    const found = subjects.flatMap(({ folder, findings }) =>
      findings.map((finding) => ({ finding, folder, placed: placeOf(finding, folder) })),
    );
    const ids = [...new Set([...subjects.flatMap(({ rules }) => rules), ...found.map(({ finding }) => finding.rule)])];
    const log = {
      $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
      version: '2.1.0',
      runs: [
        {
          tool: {
            driver: {
              name: 'kdeploy',
              version: kdeploy,
              rules: await Promise.all(ids.map((id) => rule(id, readPage))),
            },
          },
          automationDetails: { id: category(report) },
          // Every platform knows where it checked the repository out; a path of this machine would only mislead it.
          originalUriBaseIds: { [ROOT]: { description: { text: 'The root of the git repository' } } },
          columnKind: 'utf16CodeUnits',
          results: found.map(({ finding, placed }) => result(finding, placed, ids)),
        },
      ],
    };
    return harmlessJson(log);
  },
} satisfies ReportFormat;

const ROOT = '%SRCROOT%';

const LEVEL: Readonly<Record<Severity, string>> = { error: 'error', warning: 'warning', info: 'note' };

/** Uploads of one category replace each other; those of other projects and environments are to stay. */
function category({ projects, images = [] }: Report): string {
  const [first, second] = projects;
  const folders = first === undefined || second !== undefined ? [] : [first.folder];
  const parts = ['kdeploy', ...folders, first?.env ?? '', ...(images.length > 0 ? ['image'] : [])];
  return `${parts.filter((part) => part !== '').join('/')}/`;
}

async function rule(id: string, readPage: ReadRulePage): Promise<object> {
  const page = await readPage(id);
  if (page === undefined) return { id };
  const markdown = withoutRelativeLinks(page.markdown);
  return {
    id,
    shortDescription: { text: plainMarkdown(page.description) },
    fullDescription: { text: plainMarkdown(withoutRelativeLinks(page.why)).replaceAll(/\s+/g, ' ') },
    help: { text: plainMarkdown(markdown), markdown },
    defaultConfiguration: { level: levelOnPage(page.severity) },
    properties: { tags: [page.group] },
  };
}

/** `error; warning where …` begins with the usual one; where it depends, SARIF's own default is the one to take. */
function levelOnPage(severity: string): string {
  const word = /^(error|warning|info)\b/.exec(severity)?.[1];
  return word === undefined ? 'warning' : LEVEL[word as Severity];
}

/** A link to another page of the documentation leads nowhere from a platform's own pages. */
function withoutRelativeLinks(markdown: string): string {
  return markdown.replaceAll(/\[([^\]]+)\]\((?!https?:)[^)]*\)/g, '$1');
}

interface Placed {
  readonly file: string;
  readonly line: number;
}

/** Code scanning rejects a result without file and line: findings about no file are placed at pyproject.toml. */
function placeOf(finding: PublicFinding, folder: string): Placed {
  const place = findingsBelow(folder, [{ ...finding, place: finding.place ?? { file: 'pyproject.toml' } }])[0]?.place;
  return { file: place?.file ?? 'pyproject.toml', line: place?.line ?? 1 };
}

function result(
  { rule: id, severity, message, remedy }: PublicFinding,
  { file, line }: Placed,
  ids: readonly string[],
): object {
  return {
    ruleId: id,
    ruleIndex: ids.indexOf(id),
    level: LEVEL[severity],
    // What looks like a link in Markdown would be made one, by a file name for instance.
    message: { text: `${message}. Next: ${remedy}`.replaceAll('](', '] (') },
    locations: [
      {
        physicalLocation: {
          artifactLocation: { uri: uriOf(file), uriBaseId: ROOT },
          region: { startLine: line },
        },
      },
    ],
    partialFingerprints: { 'kdeployFinding/v1': fingerprint(id, file, message) },
  };
}

function uriOf(file: string): string {
  // encodeURIComponent throws for half a character, which a file's name may contain.
  const wellFormed = file.replaceAll(/\p{Surrogate}/gu, '\u{FFFD}');
  return wellFormed.split('/').map(encodeURIComponent).join('/');
}

/** The same finding in the next commit, where its line may be another one: line numbers do not count. */
function fingerprint(id: string, file: string, message: string): string {
  const lasting = [id, file, message.replaceAll(/:\d+/g, '')].join('\0');
  return createHash('sha256').update(lasting).digest('hex').slice(0, 32);
}
