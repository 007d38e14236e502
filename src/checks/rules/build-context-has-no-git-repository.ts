import { contextFiles } from '../context-files.js';
import type { Rule, RuleFinding } from '../rule.js';

/**
 * kedro-docker's .dockerignore lets .git through, so that every default image has the whole history in it: a token that was
 * committed once and deleted at once can be read from its objects, which no scan of texts sees.
 */
export const buildContextHasNoGitRepository: Rule = {
  id: 'build-context-has-no-git-repository',
  group: 'secrets',
  description: 'No git repository is copied into the image with the project',

  async check(context): Promise<RuleFinding[]> {
    const [{ repositories }, { value: dockerfile }, { ignoreFile = '.dockerignore' }] = await Promise.all([
      contextFiles(context),
      context.dockerfile(),
      context.buildContext(),
    ]);
    const asksGit = dockerfile?.asksGit === true;
    return repositories
      .filter((folder) => dockerfile?.keeps(folder) !== false)
      .map((folder) => ({
        severity: 'warning',
        message: `${folder} is copied into the image, so everything that was ever committed can be read from it`,
        remedy: asksGit
          ? `the Dockerfile asks git about the project: do that in a build stage of its own, and copy only its result into the image`
          : `echo '${folder}' >> ${ignoreFile}`,
        place: { file: folder },
        ...(asksGit ? {} : { fix: { kind: 'leave-out-of-image', ignoreFile, path: folder } }),
      }));
  },
};
