import { expect } from 'chai';
import { parse } from 'yaml';
import { cloudBuild } from '../../../../../src/config/init/ci/cloud-build.js';
import type { PipelineFacts } from '../../../../../src/config/init/ci/facts.js';
import { IMAGES, pipelineFacts, renderPipeline } from '../../../../support/pipelines.js';

interface Build {
  readonly steps: { id: string; dir?: string; script: string; secretEnv?: string[] }[];
  readonly options: { env: string[] };
  readonly availableSecrets?: { secretManager: { versionName: string; env: string }[] };
}

describe('the pipeline for Cloud Build', () => {
  const render = (image?: string, different: Partial<PipelineFacts> = {}) =>
    renderPipeline('cloudbuild', pipelineFacts(image, different));
  const build = async (...args: Parameters<typeof render>) => parse((await render(...args)).text) as Build;
  const churn = { folder: 'pipelines/churn', slug: 'churn', defaultBranch: 'release/1.x' };

  it('needs no secret for Google’s registries: the build has an account of its own', async () => {
    for (const name of ['Artifact Registry', 'gcr.io']) {
      const { steps, availableSecrets } = await build(IMAGES[name]);
      expect([availableSecrets, steps[1]?.secretEnv], name).to.deep.equal([undefined, undefined]);
    }
  });

  it('gives the login for other registries, and the build’s own secrets, to the step that pushes and to no other', async () => {
    const { steps, availableSecrets } = await build(IMAGES['another registry'], { variables: ['PIP_INDEX_URL'] });
    const names = ['REGISTRY_USERNAME', 'REGISTRY_PASSWORD', 'PIP_INDEX_URL'];
    expect(steps.map(({ secretEnv }) => secretEnv)).to.deep.equal([undefined, names]);
    expect(availableSecrets?.secretManager).to.deep.equal(
      names.map((env) => ({ versionName: `projects/$PROJECT_ID/secrets/${env}/versions/latest`, env })),
    );
  });

  it('does not offer Amazon’s registry, whose passwords end', () => {
    expect(cloudBuild.registries).not.to.include('aws');
  });

  it('has a file and triggers of its own for a folder of a larger repository', async () => {
    const { place, text } = await render(undefined, churn);
    expect(place).to.deep.equal({ file: 'cloudbuild-churn.yaml' });
    expect((parse(text) as Build).steps.map(({ dir }) => dir)).to.deep.equal(['pipelines/churn', 'pipelines/churn']);
    const triggers = cloudBuild
      .nextSteps(pipelineFacts(undefined, churn), place)
      .flatMap(({ command }) => (command?.includes('triggers create') === true ? [command] : []));
    expect(triggers).to.have.lengthOf(3);
    expect(triggers[0]).to.contain(String.raw`--pull-request-pattern='^release/1\.x$'`);
    expect(triggers[1]).to.contain(`--included-files='pipelines/churn/**,cloudbuild-churn.yaml'`);
    expect(triggers[2]).to.contain(`--tag-pattern='^churn-v[0-9]'`).and.not.to.contain('included-files');
    for (const trigger of triggers) expect(trigger).to.contain('--repo-owner=acme --repo-name=flights');
  });

  it('has the environment where each step finds it', async () => {
    const { options } = await build(undefined, { ownerSaid: true, baseImage: 'python:3.12-slim' });
    expect(options.env).to.deep.equal([
      'KDEPLOY_PACKAGE=kdeploy==1.2.3',
      'KEDRO_ENV=production',
      'KDEPLOY_IMAGE_BASE=python:3.12-slim',
    ]);
  });

  it('needs no engine where the builder layers makes the same image, and says what that needs', async () => {
    const [check, image] = (await build(undefined, { builder: 'layers' })).steps;
    expect(check?.script).to.match(/pip" install uv==[\d.]+ /);
    expect(image?.script).to.contain('--builder layers').and.not.to.contain('docker.sock');
  });

  it('says which role the account of the build needs', () => {
    const [role] = cloudBuild.nextSteps(pipelineFacts(IMAGES['gcr.io']), { file: 'cloudbuild.yaml' });
    expect(role?.command).to.equal(
      'gcloud artifacts repositories add-iam-policy-binding eu.gcr.io --project=acme --location=europe ' +
        '--role=roles/artifactregistry.writer --member=serviceAccount:SERVICE_ACCOUNT',
    );
  });
});
