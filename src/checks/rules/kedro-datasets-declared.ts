import { additionTo } from '../add-requirement.js';
import { isInstalled, pinnedVersion, specifierOf } from '../declarations.js';
import type { Rule, RuleFinding } from '../rule.js';

/**
 * kedro-mlflow imports kedro_datasets.pickle at start (kedro_mlflow/mlflow/kedro_pipeline_model.py) and has not declared
 * it since 1.0.0, so an image with only the two of them dies with "No module named 'kedro_datasets'".
 */
export const kedroDatasetsDeclared: Rule = {
  id: 'kedro-datasets-declared',
  group: 'tracking',
  description: 'The requirements include kedro-datasets, which kedro-mlflow needs but does not declare',

  async check(context): Promise<RuleFinding[]> {
    const { installed, opaque } = await context.requirements();
    if (!isInstalled(installed, 'kedro-mlflow') || isInstalled(installed, 'kedro-datasets')) return [];
    if (await isBelowOne(pinnedVersion(installed, 'kedro-mlflow'), specifierOf(installed, 'kedro-mlflow'))) return [];
    const kedroMlflow = installed.find(({ name, isConstraint }) => name === 'kedro-mlflow' && !isConstraint);
    const file = kedroMlflow?.place.file.endsWith('.txt') === true ? kedroMlflow.place.file : undefined;
    const addition = file === undefined ? undefined : await additionTo(file, 'kedro-datasets', context.source);
    return [
      {
        // A folder or lock file that cannot be read may well bring it.
        severity: opaque.length > 0 ? 'warning' : 'error',
        message:
          'kedro-mlflow needs kedro-datasets but does not declare it: the container would fail with "No module named \'kedro_datasets\'"',
        remedy: addition?.remedy ?? 'add kedro-datasets next to kedro-mlflow',
        ...(kedroMlflow === undefined ? {} : { place: kedroMlflow.place }),
        ...(file === undefined || addition?.refusal !== undefined || opaque.length > 0
          ? {}
          : { fix: { kind: 'add-requirement', file, requirement: 'kedro-datasets' } }),
      },
    ];
  },
};

async function isBelowOne(pinned: string | undefined, specifier: string): Promise<boolean> {
  const { compareVersions, isVersion, satisfies } = await import('../../project/python/pep440.js');
  if (pinned !== undefined && isVersion(pinned)) return compareVersions(pinned, '1.0.0') < 0;
  if (specifier === '') return false;
  // Which version pip will choose is not known here; that no version from 1.0 on is allowed can be told by trying some.
  return !['1.0.0', '1.0.2', '2.0.0', '2.0.3', '2.99.0', '3.0.0', '99.0.0'].some((version) =>
    satisfies(version, specifier),
  );
}
