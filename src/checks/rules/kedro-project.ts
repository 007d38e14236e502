import type { Rule, RuleFinding } from '../rule.js';

/** Kedro itself would refuse these; here it costs a minute less than in a build. */
export const kedroProject: Rule = {
  id: 'kedro-project',
  group: 'project',
  description: 'The project is one that Kedro can start',

  async check({ project, source }) {
    const findings: RuleFinding[] = [];
    const { packageName, sourceFolder, kedroVersion } = project;
    const place = { file: 'pyproject.toml' };
    if (kedroVersion === undefined) {
      findings.push({
        severity: 'error',
        message: '[tool.kedro] in pyproject.toml lacks kedro_init_version, without which Kedro does not start',
        remedy: 'add the Kedro version that the project was made with: kedro_init_version = "1.0.0"',
        place,
      });
    }
    const folder = [sourceFolder, ...packageName.split('.')].filter((part) => part !== '').join('/');
    if ((await source.read(`${folder}/settings.py`)) === undefined) {
      findings.push({
        severity: 'error',
        message: `there is no ${folder}/settings.py, although pyproject.toml names the package ${packageName}`,
        remedy: 'correct package_name or source_dir in [tool.kedro], or restore the file',
        place,
      });
    }
    return findings;
  },
};
