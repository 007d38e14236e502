import { cp, mkdir, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { commitAll } from '../support/environment/project.js';

export interface MonorepoOptions {
  /** A Kedro project with everything in it; copied. */
  readonly template: string;
  /** Made by this function. */
  readonly directory: string;
  readonly projects: number;
  /** In all projects together. */
  readonly files: number;
}

/**
 * A repository of many projects, one commit, as a company's data science team has it. Returns the projects' folders. What is added
 * to each project is code and notebooks, which make up most of a real one.
 */
export async function createMonorepo({ template, directory, projects, files }: MonorepoOptions): Promise<string[]> {
  const folders = Array.from({ length: projects }, (_, index) =>
    path.join(directory, 'teams', `team-${index % 10}`, `project-${index}`),
  );
  for (const folder of folders) {
    await cp(template, folder, { recursive: true, filter: (file) => path.basename(file) !== '.git' });
    const more = Math.ceil(files / projects) - (await countFiles(folder));
    for (let index = 0; index < more; index++) await addFile(folder, index);
  }
  await commitAll(directory, 'Put all projects into one repository');
  return folders;
}

async function countFiles(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).length;
}

async function addFile(project: string, index: number): Promise<void> {
  const [folder, ending] = KINDS[index % KINDS.length]!;
  const file = path.join(project, folder, `part_${Math.floor(index / 12)}`, `file_${index}.${ending}`);
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, `# ${index}\n`.repeat(20 + (index % 50)));
}

const KINDS = [
  ['src/pipelines', 'py'],
  ['src/pipelines', 'py'],
  ['tests', 'py'],
  ['conf/base/parameters', 'yml'],
  ['docs', 'md'],
  ['notebooks', 'ipynb'],
] as const;
