import type { NextStep } from '../initialise-project.js';
import type { Registry } from './registry.js';

/** The workload identity pool that the commands make; one pool can serve several CI services. */
export const POOL = 'kdeploy-ci';

type GoogleRegistry = Extract<Registry, { kind: 'google' }>;

/**
 * Creates the pool, and allows the tokens of one CI service. `issuer` is who signs them; `attribute` the claim that names the
 * repository or project, and `value` the only one that is allowed.
 */
export function googleIdentitySteps(
  { project }: GoogleRegistry,
  service: { readonly id: string; readonly title: string; readonly issuer: string; readonly whom: string },
  { attribute, value }: { readonly attribute: string; readonly value: string },
): NextStep[] {
  return [
    {
      text: `once per Google project: create a pool for identities from ${service.title}`,
      command: `gcloud iam workload-identity-pools create ${POOL} --project=${project} --location=global`,
    },
    {
      text: `allow this ${service.whom}, and no other`,
      command:
        `gcloud iam workload-identity-pools providers create-oidc ${service.id} --project=${project} --location=global ` +
        `--workload-identity-pool=${POOL} --issuer-uri=${service.issuer} ` +
        `--attribute-mapping=google.subject=assertion.sub,attribute.${attribute}=assertion.${attribute} ` +
        `--attribute-condition="assertion.${attribute}=='${value}'"`,
    },
  ];
}

/** Lets identities of the pool push to the image's repository, and to nothing else of the project. */
export function googlePushRole(registry: GoogleRegistry, identities: string): NextStep {
  const member = `principalSet://iam.googleapis.com/projects/PROJECT_NUMBER/locations/global/workloadIdentityPools/${POOL}/${identities}`;
  return writerRole(registry, member, 'allow it to push to this image repository');
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
