import type { NextStep } from '../initialise-project.js';
import { commonParts, merged, shellWord, tagName, tagPrefix, yaml, yamlList } from './common-parts.js';
import type { PipelineFacts } from './facts.js';
import type { TemplateParts } from './fill-template.js';
import { writerRole } from './google-steps.js';
import type { CiService, PipelinePlace } from './service.js';

const INDENT = '      ';

export const cloudBuild: CiService = {
  name: 'cloudbuild',
  title: 'Cloud Build',
  template: 'ci/cloudbuild.yaml',
  // Not AWS: a password for its registry ends after twelve hours, so it cannot be kept as a secret.
  registries: ['google', 'azure', 'github', 'password'],

  place: ({ folder, slug }) => Promise.resolve({ file: folder === '' ? 'cloudbuild.yaml' : `cloudbuild-${slug}.yaml` }),

  parts(facts: PipelineFacts, { file }: PipelinePlace): TemplateParts {
    const secrets = secretsOf(facts);
    return merged(commonParts(facts, file), {
      blocks: secrets.length > 0 ? ['secrets'] : [],
      values: {
        available_secrets: secrets
          .map((name) => `    - versionName: projects/$PROJECT_ID/secrets/${name}/versions/latest\n      env: ${name}`)
          .join('\n'),
        kdeploy_package: yaml(`KDEPLOY_PACKAGE=${facts.kdeployPackage ?? ''}`),
        kdeploy_image_base: yaml(`KDEPLOY_IMAGE_BASE=${facts.baseImage ?? ''}`),
        kedro_env: yaml(`KEDRO_ENV=${facts.env}`),
        secret_env: yamlList(secrets, INDENT),
        tag_name: tagName(facts, 'TAG_NAME'),
      },
    });
  },

  nextSteps(facts: PipelineFacts, { file }: PipelinePlace): NextStep[] {
    const { registry, platform } = facts;
    const account = 'serviceAccount:SERVICE_ACCOUNT';
    const role =
      registry.kind === 'google'
        ? [
            writerRole(
              registry,
              account,
              "allow the build's service account to push (it also needs the role Logs Writer)",
            ),
          ]
        : [];
    const secrets = secretsOf(facts).flatMap((name) => [
      { text: `enter the value of ${name}, then Ctrl-D`, command: `gcloud secrets create ${name} --data-file=-` },
      {
        text: 'allow the build to read it',
        command: `gcloud secrets add-iam-policy-binding ${name} --role=roles/secretmanager.secretAccessor --member=${account}`,
      },
    ]);
    const other =
      platform === 'linux/amd64'
        ? []
        : [{ text: `Cloud Build supports only linux/amd64: ${platform} is emulated there, if it works at all` }];
    return [...role, ...secrets, ...triggerSteps(facts, file), ...other];
  },
};

/** In Secret Manager, under the names of the variables. */
function secretsOf({ registry, variables }: PipelineFacts): string[] {
  return [...(registry.kind === 'google' ? [] : ['REGISTRY_USERNAME', 'REGISTRY_PASSWORD']), ...variables];
}

function triggerSteps(facts: PipelineFacts, file: string): NextStep[] {
  const { remote, folder, defaultBranch } = facts;
  const [owner, name] =
    remote !== undefined && /^[\w.-]+\/[\w.-]+$/.test(remote.path) ? remote.path.split('/') : ['OWNER', 'REPOSITORY'];
  const included = folder === '' ? '' : ` --included-files=${shellWord(`${folder}/**,${file}`)}`;
  const branch = `^${defaultBranch.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)}$`;
  const create = (text: string, trigger: string, more: string): NextStep => ({
    text,
    command:
      `gcloud builds triggers create github --name=${triggerName(facts, trigger)} --repo-owner=${owner ?? ''} --repo-name=${name ?? ''} ` +
      `--build-config=${file} --service-account=projects/PROJECT/serviceAccounts/SERVICE_ACCOUNT ${more}`,
  });
  return [
    create('check pull requests', 'check', `--pull-request-pattern=${shellWord(branch)}${included}`),
    create(`build and push ${defaultBranch}`, 'push', `--branch-pattern=${shellWord(branch)}${included}`),
    create('build and push releases', 'release', `--tag-pattern=${shellWord(`^${tagPrefix(facts)}v[0-9]`)}`),
  ];
}

function triggerName({ slug }: PipelineFacts, what: string): string {
  return `${slug}-${what}`;
}
