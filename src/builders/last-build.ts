import { KdeployError } from '../errors.js';
import type { StateFolder } from '../state-folder.js';

/** What the last build of a project made; `kdeploy push` without arguments pushes it. */
export interface LastBuild {
  /** The image's ID on the engine. */
  readonly id: string;
  /** `name:tag`, all of them. */
  readonly tags: readonly [string, ...string[]];
}

const KIND = 'last-build';

export async function rememberBuild(
  state: StateFolder,
  project: string,
  build: { readonly id: string; readonly tags: readonly string[] },
): Promise<void> {
  await state.write(KIND, project, { ...build, project });
}

/** Throws KdeployError `image-not-found` when this project was never built on this machine. */
export async function lastBuild(state: StateFolder, project: string): Promise<LastBuild> {
  const note = await state.read(KIND, project);
  if (typeof note === 'object' && note !== null && 'id' in note && 'tags' in note) {
    const { id, tags } = note;
    const [first, ...others] = Array.isArray(tags) ? tags.filter((tag) => typeof tag === 'string') : [];
    if (typeof id === 'string' && first !== undefined) return { id, tags: [first, ...others] };
  }
  throw new KdeployError('image-not-found', 'this project has not been built on this machine yet', {
    hint: 'build it with `kdeploy build`, or name an image: registry.example.com/team/app:v1',
  });
}
