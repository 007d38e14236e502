import { additionTo } from '../checks/add-requirement.js';
import { appendLine, refused } from './append-line.js';
import type { FixStrategy } from './strategy.js';

/** As `echo 'kedro-mlflow' >> requirements.txt` would, where that is all there is to it. */
export const addRequirement: FixStrategy<'add-requirement'> = async ({ file, requirement }, { source }) => {
  const before = await source.read(file);
  if (before === undefined) throw refused(file, `${file} no longer exists`, 'run kdeploy check again');
  const { remedy, refusal } = await additionTo(file, requirement, source);
  if (refusal !== undefined) throw refused(file, refusal, remedy);
  return { file, before, after: appendLine(file, before, requirement) };
};
