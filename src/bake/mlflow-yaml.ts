/** An mlflow.yml as data. */
type Document = Readonly<Record<string, unknown>>;

/**
 * The text of the mlflow.yml that is baked: the project's effective one, without what belongs to the environment. The
 * URIs become null so that MLFLOW_TRACKING_URI decides in the container (a value here would win over it), credentials
 * become null because they are never baked, and the experiment is written down because kedro-mlflow ignores
 * MLFLOW_EXPERIMENT_NAME (kedro_mlflow/config/kedro_mlflow_config.py). A section that is null is left out: kedro-mlflow
 * refuses those.
 */
export async function bakedMlflowYaml(document: Document | undefined, experiment: string): Promise<string> {
  const { stringify } = await import('yaml');
  const { server, tracking, ...rest } = document ?? {};
  const { experiment: experimentSection, ...restOfTracking } = section(tracking);
  const baked = {
    ...rest,
    server: { ...section(server), mlflow_tracking_uri: null, mlflow_registry_uri: null, credentials: null },
    tracking: { ...restOfTracking, experiment: { ...section(experimentSection), name: experiment } },
  };
  // Kedro reads YAML 1.1, where an unquoted `yes` is a boolean.
  const text = stringify(withoutNullSections(baked), { version: '1.1', aliasDuplicateObjects: false });
  return `# Written by kdeploy. The addresses come from the image's environment.\n${text}`;
}

function section(value: unknown): Document {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Document) : {};
}

function withoutNullSections(document: Document): Document {
  return Object.fromEntries(Object.entries(document).filter(([, value]) => value !== null));
}
