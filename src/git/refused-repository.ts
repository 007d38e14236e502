import { KdeployError } from '../errors.js';

/** Why git refuses to read a repository, with the way out; `undefined` where it said something else. */
export function refusedRepository(stderr: string): KdeployError | undefined {
  // git's own words (setup.c); it has no exit code of its own for either.
  const owner = /detected dubious ownership in repository at '(.+)'/.exec(stderr)?.[1];
  if (owner !== undefined)
    return new KdeployError('configuration', 'git refuses to read the repository, because it belongs to another user', {
      hint: `if you trust it: git config --global --add safe.directory '${owner}'`,
    });
  const bare = /cannot use bare repository '(.+)' \(safe\.bareRepository/.exec(stderr)?.[1];
  return bare === undefined ? undefined : withoutWorkTree(bare);
}

/** A bare repository, or the folder of git's own files in one that has a work tree. */
export function withoutWorkTree(folder: string): KdeployError {
  // Newer versions of git do not count it as bare.
  if (/(?:^|[\\/])\.git(?:$|[\\/])/.test(folder))
    return new KdeployError('usage', `${folder} is inside the .git folder`, {
      hint: "change to the repository's work tree, and try again",
    });
  return new KdeployError(
    'usage',
    `${folder} is a bare repository, which kdeploy does not read: its configuration could start programs`,
    { hint: 'use a clone with a work tree; if it came with a commit, delete its files HEAD and config' },
  );
}
