import type { NextStep } from '../initialise-project.js';
import {
  commonParts,
  glob,
  merged,
  ownName,
  requirementsPath,
  shellWord,
  tagName,
  tagPrefix,
  yaml,
} from './common-parts.js';
import type { PipelineFacts } from './facts.js';
import type { TemplateParts } from './fill-template.js';
import { googleIdentitySteps, googlePushRole, POOL } from './google-steps.js';
import type { CiService, PipelinePlace } from './service.js';

/** GitHub has machines for two platforms; others are emulated on the usual one, slowly. */
const ARM_RUNNER = 'ubuntu-24.04-arm';
const RUNNER = 'ubuntu-24.04';

export const github: CiService = {
  name: 'github',
  title: 'GitHub Actions',
  template: 'ci/github.yml',
  registries: ['google', 'aws', 'azure', 'github', 'password'],

  place: (facts) => Promise.resolve({ file: `.github/workflows/${ownName(facts)}.yml` }),

  parts(facts: PipelineFacts, { file }: PipelinePlace): TemplateParts {
    const { registry, variables, defaultBranch } = facts;
    const tags = `${tagPrefix(facts)}v[0-9]*`;
    return merged(commonParts(facts, file), {
      blocks: variables.length > 0 ? ['variables'] : [],
      values: {
        aws_region: registry.kind === 'aws' ? registry.region : '',
        aws_service: registry.kind === 'aws' && registry.isPublic ? 'ecr-public' : 'ecr',
        azure_name: registry.kind === 'azure' ? registry.name : '',
        branch_glob: yaml(glob(defaultBranch)),
        cache_key: `${ownName(facts)}-layers`,
        default_branch_comment: defaultBranch,
        // Whatever pip installs is named there.
        pip_cache_file: yaml(facts.kedro === undefined ? file : glob(requirementsPath(facts))),
        runner: facts.platform.startsWith('linux/arm64') ? ARM_RUNNER : RUNNER,
        tag_glob: yaml(tags),
        tag_name: tagName(facts, 'GITHUB_REF_NAME'),
        tag_pattern: tags,
        variables: variables.map((name) => `          ${name}: \${{ secrets.${name} }}`).join('\n'),
        workflow_name: yaml(ownName(facts)),
      },
    });
  },

  nextSteps: (facts) => [
    ...registrySteps(facts),
    ...facts.variables.map((name) => ({
      text: 'for build.secrets or build.args in kdeploy.yml',
      command: `gh secret set ${name}`,
    })),
  ],
};

function registrySteps(facts: PipelineFacts): NextStep[] {
  const { registry, image } = facts;
  const repository = repositoryOf(facts);
  const variable = (name: string, value: string, text: string): NextStep => ({
    text,
    command: `gh variable set ${name} --body ${shellWord(value)}`,
  });
  switch (registry.kind) {
    case 'google':
      return [
        ...googleIdentitySteps(
          registry,
          {
            id: 'github',
            title: 'GitHub',
            issuer: 'https://token.actions.githubusercontent.com',
            whom: 'repository',
          },
          { attribute: 'repository', value: repository },
        ),
        googlePushRole(registry, `attribute.repository/${repository}`),
        variable(
          'GOOGLE_WORKLOAD_IDENTITY_PROVIDER',
          `projects/PROJECT_NUMBER/locations/global/workloadIdentityPools/${POOL}/providers/github`,
          `store it in GitHub; for PROJECT_NUMBER: gcloud projects describe ${registry.project}`,
        ),
      ];
    case 'aws':
      return [
        {
          text: `create a role in AWS that trusts token.actions.githubusercontent.com for repo:${repository}:* and can push to ${image.repository} (docs.github.com: "OpenID Connect in Amazon Web Services")`,
        },
        variable('AWS_ROLE_ARN', 'arn:aws:iam::ACCOUNT:role/NAME', 'store the role in GitHub'),
      ];
    case 'azure':
      return [
        {
          text: `create an application in Azure with a federated credential for ${repository}, and grant it the role AcrPush on ${registry.name} (docs.github.com: "OpenID Connect in Azure")`,
        },
        variable('AZURE_CLIENT_ID', 'CLIENT_ID', 'store the application ID in GitHub'),
        variable('AZURE_TENANT_ID', 'TENANT_ID', 'store the tenant ID in GitHub'),
        variable('AZURE_SUBSCRIPTION_ID', 'SUBSCRIPTION_ID', 'store the subscription ID in GitHub'),
      ];
    case 'github':
      return [
        {
          text: `nothing to set up for ${image.name}: workflows can push packages that this repository created. For an older package, grant the repository write access in the package's settings`,
        },
      ];
    case 'password':
      return [
        variable('REGISTRY_USERNAME', 'NAME', `the user name for ${registry.host}`),
        {
          text: `its password, or better, a token that can push only to ${image.repository}`,
          command: 'gh secret set REGISTRY_PASSWORD',
        },
      ];
  }
}

/** `acme/spaceflights` where the remote is GitHub's; it is put into commands, so nothing else is allowed in it. */
function repositoryOf({ remote }: PipelineFacts): string {
  return remote !== undefined && /^[\w.-]+\/[\w.-]+$/.test(remote.path) ? remote.path : 'OWNER/REPOSITORY';
}
