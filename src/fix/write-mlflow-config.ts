import { refused } from './append-line.js';
import type { FixStrategy } from './strategy.js';

/** The file that `kedro mlflow init` would write. */
export const writeMlflowConfig: FixStrategy<'write-mlflow-config'> = async ({ file }, { source, mlflowTemplate }) => {
  const before = await source.read(file);
  if (before !== undefined) throw refused(file, `${file} exists by now`, 'run kdeploy check again');
  return { file, before, after: Buffer.from(await mlflowTemplate()) };
};
