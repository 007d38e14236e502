/** What a file imports: whole modules, names of modules, and those that are elsewhere in Airflow 2. */
export interface Imports {
  readonly modules: readonly string[];
  readonly names: Readonly<Record<string, readonly string[]>>;
  /** Names in airflow.sdk (Airflow 3), by where Airflow 2 has them. */
  readonly versioned: readonly VersionedImport[];
}

export interface VersionedImport {
  readonly name: string;
  readonly airflow3: string;
  readonly airflow2: string;
  /** What Airflow 2 calls it. */
  readonly airflow2Name?: string;
}

const STANDARD_LIBRARY = new Set(['contextlib', 'datetime', 'hashlib', 'json', 'pathlib', 're']);

export const SDK = 'airflow.sdk';

export const VERSIONED = {
  dag: { name: 'DAG', airflow3: SDK, airflow2: 'airflow.models' },
  asset: { name: 'Asset', airflow3: SDK, airflow2: 'airflow.datasets', airflow2Name: 'Dataset' },
  baseOperator: { name: 'BaseOperator', airflow3: SDK, airflow2: 'airflow.models' },
  taskGroup: { name: 'TaskGroup', airflow3: SDK, airflow2: 'airflow.utils.task_group' },
  variable: { name: 'Variable', airflow3: SDK, airflow2: 'airflow.models' },
  maskSecret: { name: 'mask_secret', airflow3: 'airflow.sdk.log', airflow2: 'airflow.utils.log.secrets_masker' },
  empty: {
    name: 'EmptyOperator',
    airflow3: 'airflow.providers.standard.operators.empty',
    airflow2: 'airflow.operators.empty',
  },
  sensor: {
    name: 'ExternalTaskSensor',
    airflow3: 'airflow.providers.standard.sensors.external_task',
    airflow2: 'airflow.sensors.external_task',
  },
} satisfies Record<string, VersionedImport>;

/** The class moved within Airflow 3, so that it cannot be imported with the others. */
const FAIL_EXCEPTION = `try:  # Airflow 3.2
    from airflow.sdk.exceptions import AirflowFailException
except ImportError:
    from airflow.exceptions import AirflowFailException`;

export function renderImports(imports: readonly Imports[], failException: boolean): string {
  const modules = [...new Set(imports.flatMap((one) => one.modules))].sort();
  const names = collect(imports.flatMap((one) => Object.entries(one.names)));
  const versioned = [...new Set(imports.flatMap((one) => one.versioned))];
  const standard = [
    ...modules.filter((module) => STANDARD_LIBRARY.has(module)).map((module) => `import ${module}`),
    ...fromLines(names, (module) => STANDARD_LIBRARY.has(module)),
  ];
  const other = [
    ...modules.filter((module) => !STANDARD_LIBRARY.has(module)).map((module) => `import ${module}`),
    ...fromLines(names, (module) => !STANDARD_LIBRARY.has(module)),
  ];
  const three = collect(versioned.map((one) => [one.airflow3, [one.name]]));
  const two = collect(
    versioned.map((one) => [
      one.airflow2,
      [one.airflow2Name === undefined ? one.name : `${one.airflow2Name} as ${one.name}`],
    ]),
  );
  const both = ['try:  # Airflow 3', ...indented(fromLines(three)), 'except ImportError:', ...indented(fromLines(two))];
  return [standard.join('\n'), other.join('\n'), ...(versioned.length === 0 ? [] : [both.join('\n')])]
    .concat(failException ? [FAIL_EXCEPTION] : [])
    .filter((block) => block !== '')
    .join('\n\n');
}

function collect(entries: readonly (readonly [string, readonly string[]])[]): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, readonly string[]>();
  for (const [module, names] of entries) {
    found.set(module, [...new Set([...(found.get(module) ?? []), ...names])].sort(byKind));
  }
  return found;
}

function fromLines(
  names: ReadonlyMap<string, readonly string[]>,
  test: (module: string) => boolean = () => true,
): string[] {
  return [...names.keys()]
    .filter(test)
    .sort()
    .map((module) => `from ${module} import ${(names.get(module) ?? []).join(', ')}`);
}

/** As isort: constants (`DAG`), then classes, then functions. */
function byKind(left: string, right: string): number {
  const kind = (name: string): number => (/^[A-Z0-9_]+\b/.test(name) ? 0 : /^[A-Z]/.test(name) ? 1 : 2);
  return kind(left) - kind(right) || (left < right ? -1 : 1);
}

const indented = (lines: readonly string[]): string[] => lines.map((line) => `    ${line}`);
