import { readFile } from 'node:fs/promises';
import { systemCodeOf } from '../errors.js';
import { documentPath } from '../template-files.js';

/** What docs/checks/<id>.md says about a rule; a test compares its form with what is read here. */
export interface RulePage {
  readonly id: string;
  /** What the rule makes sure of: `The deployed environment has an mlflow.yml.` */
  readonly description: string;
  /** `tracking`; `only with --online`. */
  readonly group: string;
  /** In words: `error; warning where the server is named elsewhere.` */
  readonly severity: string;
  /** The sections, in Markdown. */
  readonly why: string;
  readonly example: string;
  readonly remedy: string;
  readonly markdown: string;
}

/** Reads a page; `undefined` when there is none. The id comes from our own list, never from what a user typed. */
export type ReadRulePage = (id: string) => Promise<RulePage | undefined>;

export const readRulePage: ReadRulePage = async (id) => {
  try {
    return parseRulePage(id, await readFile(documentPath(`checks/${id}.md`), 'utf8'));
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
};

export function parseRulePage(id: string, text: string): RulePage {
  const markdown = text.replaceAll('\r\n', '\n');
  const [head = '', ...sections] = markdown.split(/^## /m);
  const [, description = '', kind = ''] = head.split('\n\n').map((paragraph) => paragraph.replaceAll('\n', ' ').trim());
  const section = (title: string) =>
    sections
      .find((each) => each.startsWith(`${title}\n`))
      ?.slice(title.length)
      .trim() ?? '';
  const [, group = '', severity = ''] = /^Group: (.*?)\. Severity: (.*)$/.exec(kind) ?? [];
  return {
    id,
    description,
    group,
    severity,
    why: section('Why'),
    example: section('How it looks'),
    remedy: section('How to fix it'),
    markdown,
  };
}
