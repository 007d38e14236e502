import { commitTime } from '../git/commit-time.js';
import { readRepository, type GitRepository } from '../git/repository.js';

/** What git says of a project's folder. */
export interface GitFacts {
  readonly repository: GitRepository | undefined;
  /** When the commit that is checked out was made. */
  readonly committed: Date | undefined;
}

/**
 * Asks git, which takes as long as the checks do: who builds begins with it, and awaits the answer where it is needed. A failure
 * is told there, and not before, even if nobody gets that far. Throws what `readRepository` throws.
 */
export function gitFacts(directory: string): Promise<GitFacts> {
  const asking = Promise.all([readRepository(directory), commitTime(directory)]).then(([repository, committed]) => ({
    repository,
    committed,
  }));
  asking.catch(() => undefined);
  return asking;
}
