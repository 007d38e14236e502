import { KdeployError } from '../../../errors.js';

/**
 * Whether PyPI has kdeploy, under a name that is the project's. Until it does, a pipeline that named it would install, beside
 * the login for a registry, whatever somebody else has uploaded. `npm run release:check` compares this with PyPI.
 */
export const IS_PUBLISHED = false;

const WHEEL = String.raw`kdeploy-\d[\w.!+-]*(?:\.whl|\.tar\.gz)`;
/** pip verifies the hash in the fragment. No user name and no password: the file is committed. */
const FILE_WITH_HASH = new RegExp(
  String.raw`^https:\/\/[\w.-]+(?::\d+)?\/(?:[\w.~%+-]+\/)*${WHEEL}#sha256=[0-9a-f]{64}$`,
);
/** In the repository, seen from the project. pip takes a name with a slash for a file. */
const COMMITTED_FILE = new RegExp(String.raw`^(?:\.{1,2}\/)*(?:[\w][\w.-]*\/)+${WHEEL}$|^\.\/${WHEEL}$`);

/** What `pip install` gets in a pipeline; `undefined` where only the user can say. Throws KdeployError `usage`. */
export function installedPackage(
  version: string,
  given: string | undefined,
  isPublished: boolean = IS_PUBLISHED,
): string | undefined {
  if (given === undefined) return isPublished ? `kdeploy==${version}` : undefined;
  if (FILE_WITH_HASH.test(given) || COMMITTED_FILE.test(given)) return given;
  if (isPublished && /^kdeploy==\d[\w.!+-]*$/.test(given)) return given;
  throw new KdeployError('usage', `--kdeploy-package must name one file that cannot change, not ${given}`, {
    hint:
      'pass the URL of a wheel with its hash, https://…/kdeploy-0.1.0-py3-none-any.whl#sha256=…, or the path of one that ' +
      'is committed, seen from the project: tools/kdeploy-0.1.0-py3-none-any.whl',
  });
}
