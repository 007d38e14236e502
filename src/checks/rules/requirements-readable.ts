import type { ProblemKind } from '../../project/python/declaration.js';
import type { CheckContext } from '../context.js';
import type { Rule, RuleFinding } from '../rule.js';
import type { Severity } from '../../finding.js';
import { isDeclared } from '../declarations.js';
import {
  commandForRequirements,
  lacksRequirementsOfTemplate,
  requirementsOfTemplate,
} from '../missing-requirements.js';

const SEVERITY: Readonly<Record<ProblemKind, Severity>> = {
  unreadable: 'error',
  'missing-file': 'error',
  'outside-project': 'error',
  'not-copied': 'error',
  // pip knows a few old spellings that no standard describes, so its word is the last one.
  syntax: 'warning',
  legacy: 'warning',
  // uv passes over the extras.
  constraint: 'warning',
  encoding: 'error',
  'machine-bound': 'error',
  'absolute-path': 'warning',
  // uv reads on.
  loop: 'warning',
  'too-large': 'error',
};

const REMEDY: Readonly<Record<ProblemKind, string>> = {
  unreadable: 'replace it with a readable text file inside the project',
  'missing-file': 'add the file, or correct its name',
  'outside-project': 'move the file into the project',
  'not-copied': 'copy the file in the Dockerfile',
  syntax: 'correct the line; to test it: pip install --dry-run -r FILE',
  legacy:
    'write the version as PEP 440 defines it, such as >=0.18 or ==0.18.*; only pip before 24.1 accepts it as it is',
  constraint: 'move the line to a requirements file; a constraint consists of a name and a version',
  encoding: 'save the file as UTF-8',
  'machine-bound':
    'replace it with its name and version; for a package of another operating system, add a marker such as ; sys_platform == "win32"',
  'absolute-path': 'use a path relative to the file that includes it',
  loop: 'remove one of the includes',
  'too-large': 'remove everything that is not a requirement, or install another file in the Dockerfile',
};

/** pip would find these out after minutes of building. */
export const requirementsReadable: Rule = {
  id: 'requirements-readable',
  group: 'project',
  description: 'pip can read the requirements that the Dockerfile installs',

  async check(context) {
    const { problems, inputs } = await context.requirements();
    if (await lacksRequirementsOfTemplate(context)) {
      // Then requirements-in-not-compiled says it.
      if (inputs.some(({ inputDeclarations }) => isDeclared(inputDeclarations, 'kedro-mlflow'))) return [];
      const file = requirementsOfTemplate((await context.dockerfile()).value);
      return [
        {
          severity: 'error',
          message: `${file} is missing: without a Dockerfile, kedro docker installs only from that file`,
          remedy: await commandForRequirements(context),
          place: { file },
        },
      ];
    }
    return [
      ...(await needsGit(context)),
      ...problems.map(({ kind, message, place, remedy }): RuleFinding => ({
        severity: SEVERITY[kind],
        message,
        remedy: remedy ?? REMEDY[kind],
        place,
      })),
    ];
  },
};

/** pip and uv fetch `x @ git+https://…` with the git of the image, which slim images do not have. */
async function needsGit(context: CheckContext): Promise<RuleFinding[]> {
  const { value: dockerfile } = await context.dockerfile();
  if (dockerfile?.lacksGit !== true) return [];
  const { installed } = await context.requirements();
  const declaration = installed.find(
    ({ isFromGit, applies, group }) => isFromGit === true && applies && group === undefined,
  );
  if (declaration === undefined) return [];
  return [
    {
      severity: 'warning',
      message: `${declaration.name} is installed from a Git repository, but ${dockerfile.baseImage ?? 'the base image'} has no git`,
      remedy: `install git before pip runs (RUN apt-get update && apt-get install -y --no-install-recommends git), or require a release of ${declaration.name}`,
      place: declaration.place,
    },
  ];
}
