import type { Conflict } from '../../project/python/compatibility.js';
import type { Rule, RuleFinding } from '../rule.js';

/** pip finds it out in the middle of the build, and says it in a page of text. */
export const versionsCompatible: Rule = {
  id: 'versions-compatible',
  group: 'project',
  description: 'The versions of Kedro, kedro-mlflow, MLflow, kedro-datasets and Python are compatible',

  async check(context): Promise<RuleFinding[]> {
    const [{ installed }, { value: dockerfile }, { conflictsAmong }] = await Promise.all([
      context.requirements(),
      context.dockerfile(),
      import('../../project/python/compatibility.js'),
    ]);
    return conflictsAmong(installed, dockerfile?.pythonVersion).map(findingOf);
  },
};

function findingOf({ declaration, needs, asked, isCertain, runs }: Conflict): RuleFinding {
  const name = `${declaration.name}${declaration.specifier}`;
  const severity = isCertain ? 'error' : 'warning';
  if (runs !== undefined) {
    const how = isCertain
      ? `every run with ${listed(asked.map(each))} fails`
      : `pip will install a ${listed(asked.map(({ name: other }) => other))} with which every run fails`;
    return {
      severity,
      message: `${name} can be installed, but ${how}: ${runs.because}`,
      remedy: runs.remedy,
      place: declaration.place,
    };
  }
  const limits = listed(asked.map(each));
  const [first] = asked;
  return {
    severity,
    message:
      needs.length > 0
        ? `${name} needs ${listed(needs.map(each))}, but the image has ${limits}`
        : `no ${isCertain ? '' : 'known '}version that ${name} allows works with ${limits}`,
    remedy:
      first?.name === 'python' && asked.length === 1
        ? 'use a base image with another Python version, or another version of the package'
        : `change one of the versions until this succeeds: pip install --dry-run '${name}' ${asked
            .filter((other) => other.name !== 'python')
            .map((other) => `'${other.name}${other.specifier}'`)
            .join(' ')}`.trimEnd(),
    place: declaration.place,
  };

  function each({ name: other, specifier }: { name: string; specifier: string }): string {
    return other === 'python' ? `Python ${specifier}` : `${other} ${specifier}`;
  }
}

function listed(items: readonly string[]): string {
  return items.length < 2 ? items.join('') : `${items.slice(0, -1).join(', ')} and ${items.at(-1) ?? ''}`;
}
