import type { AirflowDag } from '../targets/target.js';

/** The DAG's documentation, as Markdown: what Airflow shows of it can run nothing and hides nothing. */
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
    ...(about.drawing.trim() === '' ? [] : ['', ...fenced(about.drawing.trim())]),
    '',
  ].join('\n');
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

function fenced(text: string): string[] {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  return [`${fence}mermaid`, ...text.split('\n').map((line) => line.trimEnd()), fence];
}

function plain(text: string): string {
  return text.replace(/[\\`*_{}[\]<>#|~!]/g, String.raw`\$&`);
}
