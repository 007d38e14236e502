import { isInImage } from '../declarations.js';
import { fileForDevelopers, removalFrom } from '../move-requirement.js';
import type { CheckContext } from '../context.js';
import { LOCK_FILES } from '../../project/python/lock-file.js';
import type { Rule, RuleFinding } from '../rule.js';

const PACKAGE = 'kdeploy';

/** kdeploy builds the image. In it, it would only add the Node.js that its wheel brings: 200 MB, and its vulnerabilities. */
export const kdeployNotInImage: Rule = {
  id: 'kdeploy-not-in-image',
  group: 'project',
  description: 'The image does not install kdeploy itself',

  async check(context): Promise<RuleFinding[]> {
    const { installed } = await context.requirements();
    const declaration = installed.find((each) => each.name === PACKAGE && isInImage(each));
    if (declaration === undefined) return [];
    return [
      {
        severity: 'warning',
        message: `${PACKAGE} is in the requirements of the image: with the Node.js that it brings, it would add 200 MB that no run needs`,
        place: declaration.place,
        ...(await howToMove(declaration.place.file, context)),
      },
    ];
  },
};

async function howToMove(file: string, context: CheckContext): Promise<Pick<RuleFinding, 'remedy' | 'fix'>> {
  const { source } = context;
  if (file.endsWith('.txt')) return moveFromFile(file, context);
  const isLockedBy = async (lock: string): Promise<boolean> =>
    file === lock || (file === 'pyproject.toml' && (await source.read(lock)) !== undefined);
  if (await isLockedBy(LOCK_FILES.uv)) return { remedy: `uv remove ${PACKAGE} && uv add --dev ${PACKAGE}` };
  if (await isLockedBy(LOCK_FILES.poetry))
    return { remedy: `poetry remove ${PACKAGE} && poetry add --group dev ${PACKAGE}` };
  if (await isLockedBy(LOCK_FILES.pdm)) return { remedy: `pdm remove ${PACKAGE} && pdm add --dev ${PACKAGE}` };
  return {
    remedy:
      file === 'pyproject.toml'
        ? `move ${PACKAGE} from the dependencies in ${file} to a group of [dependency-groups], such as dev`
        : `remove ${PACKAGE} from ${file}; the project's developers can have it in requirements-dev.txt`,
  };
}

async function moveFromFile(file: string, context: CheckContext): Promise<Pick<RuleFinding, 'remedy' | 'fix'>> {
  const { installed } = await context.requirements();
  const inImage = new Set(installed.map(({ place }) => place.file));
  const [removal, { to, isThere }] = await Promise.all([
    removalFrom(file, context.source),
    fileForDevelopers(file, inImage, context.source),
  ]);
  const remedy = `move the line to ${isThere ? '' : 'a new '}${to}, which the image does not install`;
  if (!('refusal' in removal)) return { remedy, fix: { kind: 'move-requirement', file, to } };
  return { remedy: removal.remedy ?? remedy };
}
