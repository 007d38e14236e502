import { KdeployError } from '../errors.js';

/** What git says of a repository that belongs to another user, with the way out; `undefined` for anything else. */
export function ownershipProblem(stderr: string): KdeployError | undefined {
  // git's own words (setup.c); it has no exit code of its own for this.
  const owner = /detected dubious ownership in repository at '(.+)'/.exec(stderr)?.[1];
  if (owner === undefined) return undefined;
  return new KdeployError('configuration', 'git refuses to read the repository, because it belongs to another user', {
    hint: `if you trust it: git config --global --add safe.directory '${owner}'`,
  });
}
