import { redactAddresses } from '../../secrets/address.js';
import { certainlyLacks } from '../installed-packages.js';
import type { Rule, RuleFinding } from '../rule.js';

/** What MLflow imports for each kind of storage (mlflow/store/artifact/*_artifact_repo.py). */
const PACKAGES: Readonly<Record<string, string>> = {
  s3: 'boto3',
  r2: 'boto3',
  gs: 'google-cloud-storage',
  wasbs: 'azure-storage-blob',
  abfss: 'azure-storage-file-datalake',
  hdfs: 'pyarrow',
};

/**
 * The client itself writes artifacts to the location of the experiment. It only counts for an experiment that is made
 * anew, which cannot be seen from here, so everything is a warning.
 */
export const artifactLocationUsable: Rule = {
  id: 'artifact-location-usable',
  group: 'tracking',
  description: 'Artifacts of a new experiment are stored where a container can write and nothing is lost',

  async check(context): Promise<RuleFinding[]> {
    const { value: config } = await context.trackingConfig();
    const path = ['tracking', 'experiment', 'create_experiment_kwargs', 'artifact_location'];
    const location = path.reduce<unknown>(
      (value, key) => (isMapping(value) ? value[key] : undefined),
      config?.document,
    );
    if (config === undefined || typeof location !== 'string') return [];
    const place = config.placeOf(path);
    const [, scheme] = /^([a-z][a-z0-9+.-]+):/i.exec(location) ?? [];
    const what = `the artifact location ${redactAddresses(location)}`;

    if (scheme === undefined || scheme.toLowerCase() === 'file') {
      return [
        {
          severity: 'warning',
          message: `${what} is a local folder: artifacts that a container writes there are deleted with the container, unless a volume is mounted`,
          remedy:
            'remove the line to let the MLflow server choose the location, or name a bucket: s3://…, gs://…, abfss://…',
          place,
        },
      ];
    }
    const needed = PACKAGES[scheme.toLowerCase()];
    if (needed === undefined || !certainlyLacks(await context.requirements(), needed)) return [];
    return [
      {
        severity: 'warning',
        message: `${what} needs ${needed}, which is missing from the requirements: the run would fail at its first artifact`,
        remedy: `add ${needed} to the requirements`,
        place,
      },
    ];
  },
};

function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
