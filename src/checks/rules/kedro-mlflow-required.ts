import { additionTo } from '../add-requirement.js';
import { isDeclared, isInstalled } from '../declarations.js';
import type { CheckContext } from '../context.js';
import { LOCK_FILES } from '../../project/python/lock-file.js';
import type { Rule, RuleFinding } from '../rule.js';

const PACKAGE = 'kedro-mlflow';

/** Without kedro-mlflow in the image nothing reads mlflow.yml: the pipeline runs, and logs nowhere. */
export const kedroMlflowRequired: Rule = {
  id: 'kedro-mlflow-required',
  group: 'tracking',
  description: 'The requirements of the project include kedro-mlflow',

  async check(context): Promise<RuleFinding[]> {
    const { declared, inputs, installedFiles, opaque } = await context.requirements();
    if (isInstalled(declared, PACKAGE)) return [];
    // Then requirements-in-not-compiled has the better advice.
    if (inputs.some(({ inputDeclarations }) => isDeclared(inputDeclarations, PACKAGE))) return [];

    const file = installedFiles[0] ?? declared[0]?.place.file ?? 'requirements.txt';
    const { remedy: add, ...fixable } = await howToAdd(file, installedFiles, context);
    const conditional = declared.find(({ name, isConstraint }) => name === PACKAGE && !isConstraint);
    if (conditional?.group !== undefined) {
      return [
        {
          severity: 'error',
          message: `${PACKAGE} is declared only in the ${conditional.group}, which the image does not install`,
          remedy: add,
          place: conditional.place,
          ...fixable,
        },
      ];
    }
    if (conditional !== undefined) {
      return [
        {
          severity: 'error',
          message: `${PACKAGE} is declared only for ${conditional.marker ?? ''}, which is false in the image`,
          remedy: 'correct or remove the condition after the semicolon',
          place: conditional.place,
        },
      ];
    }
    const [unreadable] = opaque;
    if (unreadable !== undefined) {
      return [
        {
          severity: 'warning',
          message: `${PACKAGE} is not in the requirements that kdeploy can read; it may come with ${unreadable.what}`,
          remedy: `the build's self-test will verify it; to be sure now: ${add}`,
          place: unreadable.place,
        },
      ];
    }
    return [
      {
        severity: 'error',
        message: `${PACKAGE} is missing from the requirements: runs in the image would log nothing to MLflow`,
        remedy: add,
        place: { file },
        ...fixable,
      },
    ];
  },
};

/**
 * To the file that people edit: a new requirements.txt with this line alone would be an image without the rest. A fix only
 * where the Dockerfile installs the file: in another one the line would change nothing.
 */
async function howToAdd(
  file: string,
  installedFiles: readonly string[],
  { source }: CheckContext,
): Promise<Pick<RuleFinding, 'remedy' | 'fix'>> {
  if (file.endsWith('.txt')) {
    const { remedy, refusal } = await additionTo(file, PACKAGE, source);
    const isFix = refusal === undefined && file === installedFiles[0];
    return { remedy, ...(isFix ? { fix: { kind: 'add-requirement', file, requirement: PACKAGE } } : {}) };
  }
  const lock = async (name: string): Promise<boolean> => (await source.read(name)) !== undefined;
  if (file === LOCK_FILES.uv || (file === 'pyproject.toml' && (await lock(LOCK_FILES.uv))))
    return { remedy: `uv add ${PACKAGE}` };
  if (file === LOCK_FILES.poetry || (file === 'pyproject.toml' && (await lock(LOCK_FILES.poetry))))
    return { remedy: `poetry add ${PACKAGE}` };
  return {
    remedy:
      file === 'pyproject.toml'
        ? `add "${PACKAGE}" to the dependencies in ${file}`
        : `install ${PACKAGE} in ${file} as well`,
  };
}
