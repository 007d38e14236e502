import type { RequirementsProblem } from '../../project/requirements/declaration.js';
import type { Rule } from '../rule.js';
import type { Severity } from '../finding.js';

const SEVERITY: Readonly<Record<RequirementsProblem['kind'], Severity>> = {
  'missing-file': 'error',
  'outside-project': 'error',
  // pip knows a few old spellings that no standard describes, so its word is the last one.
  syntax: 'warning',
  loop: 'warning',
};

const REMEDY: Readonly<Record<RequirementsProblem['kind'], string>> = {
  'missing-file': 'add the file, or correct its name',
  'outside-project': 'move the file into the project',
  syntax: 'correct the line; try it with: pip install --dry-run -r FILE',
  loop: 'remove one of the includes',
};

/** pip would find these out after minutes of building. */
export const requirementsReadable: Rule = {
  id: 'requirements-readable',
  group: 'project',
  description: 'pip can read the requirements that the Dockerfile installs',

  async check(context) {
    const { problems } = await context.requirements();
    return problems.map(({ kind, message, place }) => ({
      severity: SEVERITY[kind],
      message,
      remedy: REMEDY[kind],
      place,
    }));
  },
};
