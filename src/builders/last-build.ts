import type { StateFolder } from '../state-folder.js';

/** What the last build of a project made; `kdeploy push` without arguments pushes it. */
export interface LastBuild {
  /** The image's ID on the engine. */
  readonly id: string;
  /** `name:tag`, all of them. */
  readonly tags: readonly string[];
}

const KIND = 'last-build';

export async function rememberBuild(state: StateFolder, project: string, build: LastBuild): Promise<void> {
  await state.write(KIND, project, { ...build, project });
}

/** `undefined` when this project was never built on this machine. */
export async function lastBuild(state: StateFolder, project: string): Promise<LastBuild | undefined> {
  const note = await state.read(KIND, project);
  if (typeof note !== 'object' || note === null || !('id' in note) || !('tags' in note)) return undefined;
  const { id, tags } = note;
  if (typeof id !== 'string' || !Array.isArray(tags)) return undefined;
  return { id, tags: tags.filter((tag) => typeof tag === 'string') };
}
