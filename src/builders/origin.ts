import type { EngineImage } from '../places/engine/images.js';
import type { GitRepository } from '../git/repository.js';
import type { Origin } from '../image/bake-plan.js';
import { ImageReference } from '../image/reference.js';
import type { Project } from '../project/project.js';

/** Where an image comes from, for its OCI labels. */
export function originOf(facts: {
  project: Project;
  repository: GitRepository | undefined;
  baseName: string | undefined;
  base: EngineImage | undefined;
  environment: NodeJS.ProcessEnv;
}): Origin {
  const { project, repository, baseName, base, environment } = facts;
  const baseDigest = base?.repoDigests[0]?.split('@')[1];
  // What is built from uncommitted changes is not what the commit says.
  const revision =
    repository?.revision === undefined ? undefined : `${repository.revision}${repository.dirty ? '-dirty' : ''}`;
  return {
    created: creationTime(environment),
    title: project.name,
    ...(revision !== undefined && { revision }),
    ...(repository?.remoteUrl !== undefined && { source: repository.remoteUrl }),
    ...(project.projectVersion !== undefined && { version: project.projectVersion }),
    ...(baseName !== undefined && baseName !== 'scratch' && { baseName: ImageReference.parse(baseName).toString() }),
    ...(baseDigest !== undefined && { baseDigest }),
  };
}

/** SOURCE_DATE_EPOCH (reproducible-builds.org) takes the place of now where it is set. */
function creationTime(environment: NodeJS.ProcessEnv): string {
  const epoch = environment.SOURCE_DATE_EPOCH ?? '';
  // Twelve digits are the year 33658; more are milliseconds, or a mistake.
  return new Date(/^\d{1,12}$/.test(epoch) ? Number(epoch) * 1000 : Date.now()).toISOString();
}
