import { isMap, isScalar, isSeq } from 'yaml';
import { readYamlDocument } from '../../../project/yaml.js';
import type { NextStep } from '../initialise-project.js';
import { commonParts, glob, merged, ownName, tagName, tagPrefix, yaml } from './common-parts.js';
import type { PipelineFacts } from './facts.js';
import type { TemplateParts } from './fill-template.js';
import { googleIdentitySteps, googlePushRole, POOL } from './google-steps.js';
import type { Registry } from './registry.js';
import { MARK, type CiService, type PipelinePlace, type RepositoryFiles } from './service.js';

const MAIN_FILE = '.gitlab-ci.yml';
/** Of the stages that GitLab has where nobody names any. */
const USUAL_STAGE = 'test';

/**
 * GitLab reads one file, which is often there already: then ours goes beside it, to be included. A file of ours is
 * recognised by its first line.
 */
export const gitlab: CiService = {
  name: 'gitlab',
  title: 'GitLab CI',
  template: 'ci/gitlab.yml',
  registries: ['google', 'aws', 'azure', 'github', 'password'],

  async place(facts: PipelineFacts, repository: RepositoryFiles): Promise<PipelinePlace> {
    const main = await repository.read(MAIN_FILE);
    const isOurs = main?.startsWith(`# ${MARK} gitlab`) === true;
    if (facts.folder === '' && (main === undefined || isOurs)) return { file: MAIN_FILE };
    const file = `.gitlab/${ownName(facts)}.yml`;
    return { file, includedBy: { file: MAIN_FILE, stage: await stageOf(main ?? '') } };
  },

  parts(given: PipelineFacts, { file, includedBy }: PipelinePlace): TemplateParts {
    const facts = { ...given, registry: withLogin(given.registry) };
    const { registry, folder } = facts;
    const isOwnRegistry = belongsToGitLab(facts);
    const tags = `/^${tagPrefix(facts)}v[0-9]/`;
    return merged(commonParts(facts, file), {
      blocks: [],
      values: {
        aws_region: registry.kind === 'aws' ? registry.region : '',
        folder_glob: yaml(`${glob(folder)}/**/*`),
        folder_shell: folder,
        job: ownName(facts),
        password: isOwnRegistry ? 'CI_REGISTRY_PASSWORD' : 'REGISTRY_PASSWORD',
        stage: yaml(includedBy?.stage ?? USUAL_STAGE),
        tag_name: tagName(facts, 'CI_COMMIT_TAG'),
        tag_regex: tags,
        username: isOwnRegistry ? 'CI_REGISTRY_USER' : 'REGISTRY_USERNAME',
      },
    });
  },

  nextSteps(facts: PipelineFacts, { file, includedBy }: PipelinePlace): NextStep[] {
    const include =
      includedBy === undefined ? [] : [{ text: `add to ${includedBy.file}:  include: [{local: ${yaml(`/${file}`)}}]` }];
    const variables = facts.variables.map((name) => ({
      text: `create the variable ${name} in GitLab, masked, for build.secrets or build.args in kdeploy.yml`,
    }));
    return [...include, ...registrySteps(facts), ...variables, ...runnerSteps(facts)];
  },
};

/** gitlab.com's is registry.gitlab.com; a GitLab of one's own has it at a port, or with `registry.` in front. */
function belongsToGitLab({ registry, remote }: PipelineFacts): boolean {
  if (remote === undefined) return registry.host === 'registry.gitlab.com';
  return [`registry.${remote.host}`, remote.host].includes(registry.host.replace(/:\d+$/, ''));
}

/** A stage that the including file has; read as a tree, since it may contain tags that only GitLab knows. */
async function stageOf(main: string): Promise<string> {
  // One that is no YAML is GitLab's to refuse.
  const read = await readYamlDocument(main, MAIN_FILE).catch(() => undefined);
  const contents = read?.document.contents;
  const stages = isMap(contents) ? contents.get('stages') : undefined;
  // A sequence with a tag, such as !reference, names something else than stages.
  const names =
    isSeq(stages) && stages.tag?.startsWith('!') !== true
      ? stages.items.map((item) => (isScalar(item) ? (item.source ?? String(item.value)) : ''))
      : [];
  const [first = USUAL_STAGE] = names.filter((name) => name !== '');
  return names.includes(USUAL_STAGE) ? USUAL_STAGE : first;
}

/** Azure's clouds of China and of the government of the USA issue tokens elsewhere: to them with a password. */
function withLogin(registry: Registry): Registry {
  const isElsewhere = registry.kind === 'azure' && !registry.host.endsWith('.azurecr.io');
  return isElsewhere ? { kind: 'password', host: registry.host } : registry;
}

function registrySteps(facts: PipelineFacts): NextStep[] {
  const { remote, image } = facts;
  const registry = withLogin(facts.registry);
  const path = remote !== undefined && /^[\w./-]+$/.test(remote.path) ? remote.path : 'GROUP/PROJECT';
  // GitLab also runs pipelines for what is hosted elsewhere.
  const issuer = `https://${remote === undefined || remote.host === 'github.com' ? 'gitlab.com' : remote.host}`;
  if (belongsToGitLab(facts)) {
    return [{ text: `nothing to set up for ${registry.host}: GitLab logs each job in to its own registry` }];
  }
  switch (registry.kind) {
    case 'google':
      return [
        ...googleIdentitySteps(
          registry,
          { id: 'gitlab', title: 'GitLab', issuer, whom: 'project' },
          { attribute: 'project_path', value: path },
        ),
        googlePushRole(registry, `attribute.project_path/${path}`),
        {
          text: `create the variable GOOGLE_WORKLOAD_IDENTITY_PROVIDER in GitLab (Settings, CI/CD): projects/PROJECT_NUMBER/locations/global/workloadIdentityPools/${POOL}/providers/gitlab`,
        },
      ];
    case 'aws':
      return [
        {
          text: `create a role in AWS that trusts ${issuer}, audience sts.amazonaws.com, for project_path:${path}:*, and can push to ${image.repository} (docs.gitlab.com: "Configure OpenID Connect in AWS")`,
        },
        { text: 'create the variable AWS_ROLE_ARN in GitLab (Settings, CI/CD): arn:aws:iam::ACCOUNT:role/NAME' },
      ];
    case 'azure':
      return [
        {
          text: `create an application in Azure with a federated credential for ${issuer}, subject project_path:${path}:ref_type:branch:ref:${facts.defaultBranch}, audience api://AzureADTokenExchange, and one for tags; grant it the role AcrPush on ${registry.name} (docs.gitlab.com: "Configure OpenID Connect in Azure")`,
        },
        { text: 'create the variables AZURE_CLIENT_ID and AZURE_TENANT_ID in GitLab (Settings, CI/CD)' },
      ];
    case 'github':
    case 'password':
      return [
        {
          text: `create the variables REGISTRY_USERNAME and REGISTRY_PASSWORD in GitLab (Settings, CI/CD), the second masked and protected: a token that can push only to ${image.repository}`,
        },
      ];
  }
}

function runnerSteps({ platform }: PipelineFacts): NextStep[] {
  return platform === 'linux/amd64'
    ? []
    : [{ text: `assign the job a runner for ${platform}, with tags: in the file` }];
}
