import type { TaskGraph } from '../../graph/task-graph.js';
import type { AirflowDag } from '../targets/target.js';

const NODES_SHOWN = 20;

/**
 * The DAG's documentation, as Markdown: what Airflow shows of it can run nothing and hides nothing. The pipeline is drawn as a
 * table, since Airflow's page draws no Mermaid and shows neither HTML nor images that are part of the text.
 */
export function documentation(dag: AirflowDag): string {
  const { about, graph } = dag;
  const facts: [string, string | null][] = [
    ['Kedro pipeline', code(graph.pipeline)],
    ['Image', code(graph.image)],
    ['Revision', about.revision === null ? null : code(about.revision)],
    ['Repository', about.source === null ? null : link(about.source, about.source)],
    ['MLflow', graph.tracked ? mlflow(about.trackingUri, about.experiment) : 'not tracked'],
  ];
  return [
    ...(dag.settings.description === null ? [] : [plain(dag.settings.description), '']),
    ...facts.flatMap(([name, value]) => (value === null ? [] : [`- ${name}: ${value}`])),
    '',
    ...tasksTable(graph),
    '',
  ].join('\n');
}

/** Each task with its nodes, and the data that it gets from other tasks. */
function tasksTable({ tasks, crossings }: TaskGraph): string[] {
  const rows = tasks.flatMap((task) => {
    if (task.kind !== 'group') return [];
    const shown = task.nodes.slice(0, NODES_SHOWN);
    const more = task.nodes.length - shown.length;
    const gets = crossings.flatMap(({ dataset, from, to }) =>
      to.includes(task.id) ? [`${code(dataset)} of ${code(from)}`] : [],
    );
    return [
      [code(task.id), [...shown.map(code), ...(more > 0 ? [`${more} more`] : [])].join(', '), gets.join(', ') || '-'],
    ];
  });
  return [['Task', 'Kedro nodes', 'Gets'], ['---', '---', '---'], ...rows].map(
    (cells) => `| ${cells.map((cell) => cell.replaceAll('|', String.raw`\|`)).join(' | ')} |`,
  );
}

function mlflow(trackingUri: string | null, experiment: string | null): string | null {
  if (trackingUri === null) return experiment === null ? null : `experiment ${code(experiment)}`;
  if (experiment === null) return link(trackingUri, trackingUri);
  const address = webAddress(trackingUri);
  if (address === null) return `experiment ${code(experiment)} of ${link(trackingUri, trackingUri)}`;
  const search = `${address.replace(/\/+$/, '')}/#/experiments?searchFilter=${encodeURIComponent(experiment)}`;
  return `experiment ${link(code(experiment), search, true)} of ${link(trackingUri, trackingUri)}`;
}

/** A link where the address is one for a browser, without the user name and password that it may have. */
function link(text: string, address: string, isMarkdown = false): string {
  const web = webAddress(address);
  if (web === null) return code(address.replace(/^([a-z][a-z+.-]*:\/\/)[^/@]*@/i, '$1'));
  return `[${isMarkdown ? text : code(web)}](<${web}>)`;
}

function webAddress(address: string): string | null {
  if (!URL.canParse(address)) return null;
  const url = new URL(address);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return null;
  url.username = '';
  url.password = '';
  return url.href.replaceAll('<', '%3C').replaceAll('>', '%3E');
}

/** Inline code, whatever backticks the text has. */
function code(text: string): string {
  const line = text.replace(/\s+/gu, ' ').trim();
  const longest = Math.max(0, ...[...line.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  const space = line.startsWith('`') || line.endsWith('`') ? ' ' : '';
  return fence + space + line + space + fence;
}

function plain(text: string): string {
  return text.replace(/[\\`*_{}[\]<>#|~!]/g, String.raw`\$&`);
}
