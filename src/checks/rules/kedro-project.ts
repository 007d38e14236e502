import { specifierOf } from '../declarations.js';
import type { CheckContext } from '../context.js';
import type { Rule, RuleFinding } from '../rule.js';

/** Kedro itself would refuse these; here it costs a minute less than in a build. */
export const kedroProject: Rule = {
  id: 'kedro-project',
  group: 'project',
  description: 'Kedro can start the project',

  async check(context) {
    const { project, source } = context;
    const findings: RuleFinding[] = [];
    const { packageName, sourceFolder, kedroVersion } = project;
    const place = { file: 'pyproject.toml' };
    if (kedroVersion === undefined) {
      findings.push({
        severity: 'error',
        message: 'kedro_init_version is missing from [tool.kedro] in pyproject.toml: Kedro does not start without it',
        remedy: 'add the Kedro version that the project was created with: kedro_init_version = "1.0.0"',
        place,
      });
    }
    const folder = [sourceFolder, ...packageName.split('.')].filter((part) => part !== '').join('/');
    if ((await source.read(`${folder}/settings.py`)) === undefined) {
      findings.push({
        severity: 'error',
        message: `${folder}/settings.py is missing, although pyproject.toml names the package ${packageName}`,
        remedy: 'correct package_name or source_dir in [tool.kedro], or restore the file',
        place,
      });
    }
    if (kedroVersion !== undefined) findings.push(...(await refusedVersion(kedroVersion, context)));
    return findings;
  },
};

/** Kedro starts only projects that were made with, or migrated to, its own version. */
async function refusedVersion(initVersion: string, context: CheckContext): Promise<RuleFinding[]> {
  const [{ installed }, { isRefused }] = await Promise.all([
    context.requirements(),
    import('../../project/kedro/kedro-init-version.js'),
  ]);
  // A line with a condition may not apply, where the image's Python is not known.
  const certain = installed.filter(({ marker, group }) => marker === undefined && group === undefined);
  const kedro = certain.find(({ name, applies, isConstraint }) => name === 'kedro' && applies && !isConstraint);
  const specifier = specifierOf(certain, 'kedro');
  if (kedro === undefined || specifier === '' || !isRefused(initVersion, specifier)) return [];
  return [
    {
      severity: 'error',
      message: `kedro${specifier} cannot start this project, which was created with Kedro ${initVersion} (kedro_init_version in pyproject.toml)`,
      remedy:
        'install the Kedro version that the project was created with; or migrate the project (https://docs.kedro.org, "migration guide"), and set kedro_init_version to its new version',
      place: kedro.place,
    },
  ];
}
