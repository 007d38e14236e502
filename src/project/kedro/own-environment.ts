import { executable, pathsOf, type ProgramPlace } from '../../find-program.js';
import type { ProgramFiles } from './program-files.js';

/** Files by which those that install a program into an environment of its own know it: pipx, uv, pre-commit, prek. */
const MARKS = ['pipx_metadata.json', 'uv-receipt.toml', '.install_state_v2', '.install_state_v1', '.prek-hook.json'];

/** Where uvx has environments, which bear no mark: below `~/.cache/uv/archive-v0`. */
export const UVX_ENVIRONMENTS = /[\\/](?:archive|builds|environments)-v\d+[\\/]/;

/** A place to look for the project's programs in, and what was passed over there. */
interface Foreign<Place> {
  readonly around: Place;
  readonly passedOver: () => readonly string[];
}

/**
 * The same place without the programs of an environment that was made for kdeploy alone, as pre-commit, pipx and uvx do, and which
 * is first on PATH while kdeploy runs. A kedro or python in there has nothing of the project. In an environment that has
 * kdeploy and other packages side by side, kedro is the project's.
 */
export function foreignTo<Place extends ProgramPlace & { readonly canRun: (file: string) => Promise<boolean> }>(
  around: Place,
  files: ProgramFiles,
): Foreign<Place> {
  const answers = new Map<string, Promise<boolean>>();
  const passedOver: string[] = [];
  const isOwn = async (file: string): Promise<boolean> => {
    const folder = pathsOf(around).dirname(await files.real(file));
    const answer = answers.get(folder) ?? isOfKdeployAlone(folder, around, files);
    answers.set(folder, answer);
    return answer;
  };
  const canRun = async (file: string): Promise<boolean> => {
    if (!(await around.canRun(file))) return false;
    if (!(await isOwn(file))) return true;
    passedOver.push(file);
    return false;
  };
  return { around: { ...around, canRun }, passedOver: () => [...new Set(passedOver)] };
}

async function isOfKdeployAlone(folder: string, around: ProgramPlace, files: ProgramFiles): Promise<boolean> {
  const paths = pathsOf(around);
  if ((await executable(paths.join(folder, 'kdeploy'), around)) === undefined) return false;
  const root = paths.dirname(folder);
  // `pipx inject kedro kdeploy`: the environment is that of kedro.
  if (paths.basename(root) === 'kedro') return false;
  const marked = await Promise.all(MARKS.map((name) => files.exists(paths.join(root, name))));
  return marked.includes(true) || UVX_ENVIRONMENTS.test(root);
}
