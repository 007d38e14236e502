import { KdeployError } from '../errors.js';
import type { StateFolder } from '../state-folder.js';

/** What the last build of a project made; `kdeploy push` without arguments pushes it. */
export interface LastBuild {
  /** The image's ID on the engine; elsewhere the digest of its manifest. */
  readonly id: string;
  readonly place: BuildPlace;
  /** `name:tag`, all of them. */
  readonly tags: readonly [string, ...string[]];
}

/** Where the image of a build was put. `waiting`: it is on this machine until it is pushed. */
export type BuildPlace = (typeof PLACES)[number];
const PLACES = ['engine', 'waiting', 'registry', 'layout'] as const;

const KIND = 'last-build';

export async function rememberBuild(
  state: StateFolder,
  project: string,
  build: { readonly id: string; readonly tags: readonly string[]; readonly place: BuildPlace },
): Promise<void> {
  await state.write(KIND, project, { ...build, project });
}

/** Throws KdeployError `image-not-found` when this project was never built on this machine. */
export async function lastBuild(state: StateFolder, project: string): Promise<LastBuild> {
  const note = await state.read(KIND, project);
  if (typeof note === 'object' && note !== null && 'id' in note && 'tags' in note) {
    const { id, tags } = note;
    const place = PLACES.find((each) => 'place' in note && note.place === each) ?? 'engine';
    const [first, ...others] = Array.isArray(tags) ? tags.filter((tag) => typeof tag === 'string') : [];
    if (typeof id === 'string' && first !== undefined) return { id, tags: [first, ...others], place };
  }
  throw new KdeployError('image-not-found', 'this project has not been built on this machine yet', {
    hint: 'build it with `kdeploy build`, or name an image: registry.example.com/team/app:v1',
  });
}
