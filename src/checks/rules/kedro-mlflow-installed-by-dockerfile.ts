import { isBareImage } from '../../project/dockerfile/bare-image.js';
import { additionTo } from '../add-requirement.js';
import { isDeclared, isInstalled } from '../declarations.js';
import { lacksRequirementsOfTemplate, requirementsOfTemplate } from '../missing-requirements.js';
import type { Rule, RuleFinding } from '../rule.js';

const PACKAGE = 'kedro-mlflow';

/** Declared is not installed: the Dockerfile may install another file than the one that people edit. */
export const kedroMlflowInstalledByDockerfile: Rule = {
  id: 'kedro-mlflow-installed-by-dockerfile',
  group: 'tracking',
  description: 'The Dockerfile installs the file that requires kedro-mlflow',

  async check(context): Promise<RuleFinding[]> {
    const { declared, installed, installedFiles, lockFiles, inputs, opaque } = await context.requirements();
    const { value: dockerfile } = await context.dockerfile();
    // Other rules report these.
    if (dockerfile === undefined || !isInstalled(declared, PACKAGE) || isInstalled(installed, PACKAGE)) return [];
    if (
      inputs.some(({ output }) => installedFiles.includes(output) || lockFiles.includes(output)) &&
      inputs.some(({ inputDeclarations }) => isDeclared(inputDeclarations, PACKAGE))
    )
      return [];
    if (await lacksRequirementsOfTemplate(context)) return [];

    const declaration = declared.find(({ name, isConstraint }) => name === PACKAGE && !isConstraint);
    const file = declaration?.place.file ?? 'requirements.txt';
    const [unreadable] = opaque;
    if (unreadable !== undefined) {
      return [
        {
          severity: 'warning',
          message: `${file} requires ${PACKAGE}, but kdeploy cannot tell whether ${dockerfile.file} installs it (${unreadable.what})`,
          remedy: "the build's self-test will verify it",
          place: unreadable.place,
        },
      ];
    }
    const [target] = installedFiles;
    // With its version: another file may hold Kedro back. Including the other file would not do for kedro docker, which
    // copies requirements.txt alone.
    const line = `${PACKAGE}${declaration?.specifier ?? ''}`;
    if (dockerfile.isTemplate) {
      const only = requirementsOfTemplate(dockerfile);
      return [
        {
          severity: 'error',
          message: `${file} requires ${PACKAGE}, but kedro docker installs only ${only === 'requirements.txt' ? 'the requirements.txt at the project root' : only}`,
          // Not `-r FILE`: nothing but this file is copied before pip runs, so the include would lead nowhere.
          remedy: (await additionTo(only, line, context.source)).remedy,
          place: { file: target ?? only },
        },
      ];
    }
    // An image of one's own may bring it along.
    const isBare = dockerfile.baseImage !== undefined && isBareImage(dockerfile.baseImage);
    const severity = isBare ? 'error' : 'warning';
    const [lockFile] = lockFiles;
    if (target === undefined && lockFile !== undefined) {
      return [
        {
          severity,
          message: `${file} requires ${PACKAGE}, but ${dockerfile.file} excludes it when it installs from ${lockFile}`,
          remedy: `remove the option that excludes it, or install the group that ${PACKAGE} is in`,
          place: dockerfile.installs.find(({ kind }) => kind === 'lock-file')?.place ?? { file: dockerfile.file },
        },
      ];
    }
    return [
      {
        severity,
        message:
          target === undefined
            ? `${file} requires ${PACKAGE}, but ${dockerfile.file} installs none of the project's requirements files`
            : `${file} requires ${PACKAGE}, but ${dockerfile.file} installs ${target}, which does not`,
        remedy:
          target === undefined
            ? `copy and install ${file} in ${dockerfile.file}`
            : `${(await additionTo(target, line, context.source)).remedy}, or install ${file} in ${dockerfile.file}`,
        place: dockerfile.installs[0]?.place ?? { file: dockerfile.file },
      },
    ];
  },
};
