import type { GitRepository } from '../git/repository.js';
import type { Origin } from '../image/bake-plan.js';
import { ImageReference } from '../image/reference.js';
import type { Project } from '../project/project.js';

/** Where an image comes from, for its OCI labels. */
export function originOf(facts: {
  project: Project;
  repository: GitRepository | undefined;
  baseName: string | undefined;
  baseDigest: string | undefined;
  /** RFC 3339. */
  created: string;
}): Origin {
  const { project, repository, baseName, baseDigest, created } = facts;
  // What is built from uncommitted changes is not what the commit says.
  const revision =
    repository?.revision === undefined ? undefined : `${repository.revision}${repository.dirty ? '-dirty' : ''}`;
  return {
    created,
    title: project.name,
    ...(revision !== undefined && { revision }),
    ...(repository?.remoteUrl !== undefined && { source: repository.remoteUrl }),
    ...(project.projectVersion !== undefined && { version: project.projectVersion }),
    ...(baseName !== undefined && baseName !== 'scratch' && { baseName: ImageReference.parse(baseName).toString() }),
    ...(baseDigest !== undefined && { baseDigest }),
  };
}

/** SOURCE_DATE_EPOCH (reproducible-builds.org) takes the place of now, or of another time, where it is set. RFC 3339. */
export function creationTime(environment: NodeJS.ProcessEnv, otherwise = new Date()): string {
  const epoch = environment.SOURCE_DATE_EPOCH ?? '';
  // RFC 3339 has years of four digits: eleven are the year 5138 at most, more are milliseconds, or a mistake.
  return (/^\d{1,11}$/.test(epoch) ? new Date(Number(epoch) * 1000) : otherwise).toISOString();
}
