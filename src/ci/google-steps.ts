import type { NextStep } from '../config/initialise-project.js';
import type { Registry } from './registry.js';

/** The workload identity pool that the commands make; one pool may hold several CI services. */
export const POOL = 'kdeploy-ci';

type GoogleRegistry = Extract<Registry, { kind: 'google' }>;

/** Lets identities of the pool push to the image's repository, and to nothing else of the project. */
export function googlePushRole(registry: GoogleRegistry, identities: string): NextStep {
  const member = `principalSet://iam.googleapis.com/projects/PROJECT_NUMBER/locations/global/workloadIdentityPools/${POOL}/${identities}`;
  return writerRole(registry, member, 'let it push to this repository of images');
}

/** The same for a member of any kind. */
export function writerRole({ project, location, repository }: GoogleRegistry, member: string, text: string): NextStep {
  return {
    text,
    command:
      `gcloud artifacts repositories add-iam-policy-binding ${repository} --project=${project} --location=${location} ` +
      `--role=roles/artifactregistry.writer --member=${member}`,
  };
}
