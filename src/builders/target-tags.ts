import type { Settings } from '../config/settings/settings.js';
import { KdeployError } from '../errors.js';
import { currentBranch } from '../git/branch.js';
import type { GitRepository } from '../git/repository.js';
import { parseRepositoryName, type ImageReference } from '../image/reference.js';
import { expandTagTemplates, tagValues } from '../image/tag-template.js';
import type { Project } from '../project/project.js';

/** The names that an image gets: image.name with every one of image.tags filled in. Throws KdeployError `configuration`. */
export function targetTags(
  settings: Settings,
  project: Project,
  facts: {
    readonly env: string;
    readonly repository: GitRepository | undefined;
    readonly environment: NodeJS.ProcessEnv;
  },
): ImageReference[] {
  const { name, tags } = settings.image;
  if (name === null) {
    throw new KdeployError('configuration', 'no image name is configured', {
      place: { file: 'conf/base/kdeploy.yml' },
      hint: 'pass `--image registry.example.com/team/app`, or set image.name in conf/base/kdeploy.yml (`kdeploy init` creates the file)',
    });
  }
  const repository = parseRepositoryName(name);
  const values = tagValues({
    repository: facts.repository,
    branch: currentBranch(facts.repository?.branch, facts.environment),
    version: project.projectVersion,
    hasDynamicVersion: project.hasDynamicVersion,
    env: facts.env,
  });
  return expandTagTemplates(tags, values).map((tag) => repository.withTag(tag));
}
