import type { Project } from '../project.js';
import { environmentNames } from './loader-settings.js';

/**
 * The run environments that the project has a folder for, sorted: `local`, `production`. Not the base environment, whose
 * configuration counts in each of them.
 */
export async function environmentsOf(
  project: Pick<Project, 'source' | 'sourceFolder' | 'packageName'>,
): Promise<string[]> {
  const { confSource, baseEnvironment } = await environmentNames(project);
  const files = await project.source.list(confSource);
  const folders = files.flatMap((file) =>
    file
      .slice(confSource.length + 1)
      .split('/')
      .slice(0, -1)
      .slice(0, 1),
  );
  return [...new Set(folders)].filter((name) => name !== baseEnvironment && /^\w[\w.-]*$/.test(name)).sort();
}
