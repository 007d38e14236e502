import { expect } from 'chai';
import { parse } from 'yaml';
import type { PipelineFacts } from '../../../../../src/config/init/ci/facts.js';
import { gitlab } from '../../../../../src/config/init/ci/gitlab.js';
import { IMAGES, pipelineFacts, renderPipeline } from '../../../../support/pipelines.js';

interface Job {
  readonly stage?: string;
  readonly variables?: Record<string, string>;
  readonly cache?: { readonly paths: string[] };
  readonly id_tokens?: Record<string, { aud: string }>;
  readonly rules?: { if: string; changes?: string[] }[];
  readonly before_script?: string[];
  readonly script: string[];
}

describe('the pipeline for GitLab CI', () => {
  const render = (image?: string, different: Partial<PipelineFacts> = {}, files: Record<string, string> = {}) =>
    renderPipeline('gitlab', pipelineFacts(image, different), files);
  const jobs = async (...args: Parameters<typeof render>) => parse((await render(...args)).text) as Record<string, Job>;
  const churn = { folder: 'my pipelines/churn [1]', slug: 'churn' };

  describe('goes', () => {
    const place = async (different: Partial<PipelineFacts>, files: Record<string, string>) =>
      (await render(undefined, different, files)).place;

    it('into .gitlab-ci.yml where there is none', async () => {
      expect(await place({}, {})).to.deep.equal({ file: '.gitlab-ci.yml' });
    });

    it('there again where that file is ours', async () => {
      const { text } = await render();
      expect(await place({}, { '.gitlab-ci.yml': text })).to.deep.equal({ file: '.gitlab-ci.yml' });
    });

    it('beside the file of somebody else, which has to include it', async () => {
      const { file, includedBy } = await place({}, { '.gitlab-ci.yml': 'build: {script: make}' });
      expect([file, includedBy?.file]).to.deep.equal(['.gitlab/kdeploy.yml', '.gitlab-ci.yml']);
    });

    it('beside it for a folder of a larger repository, which may have several projects', async () => {
      expect((await place(churn, {})).file).to.equal('.gitlab/kdeploy-churn.yml');
    });
  });

  const stages: readonly [main: string, stage: string, why: string][] = [
    ['', 'test', 'GitLab’s own stages hold'],
    ['stages: [lint, test, deploy]', 'test', 'it is one of them'],
    ['stages:\n  - lint\n  - deploy', 'lint', 'there is no test'],
    ['stages: !reference [.common, stages]', 'test', 'only GitLab knows them'],
    ['stages: 3', 'test', 'the file is wrong'],
    ['[', 'test', 'the file is no YAML'],
    [': \t\n &a *b', 'test', 'the file is no YAML at all'],
  ];
  for (const [main, stage, why] of stages) {
    it(`takes the stage ${stage} beside ${JSON.stringify(main)}, since ${why}`, async () => {
      const pipeline = await jobs(undefined, {}, { '.gitlab-ci.yml': main });
      expect(pipeline['.kdeploy']?.stage).to.equal(stage);
    });
  }

  it('has an identity token for the clouds that take one, for the one whom it is meant for', async () => {
    const tokens = async (name: string) => (await jobs(IMAGES[name]))['kdeploy-image']?.id_tokens;
    expect(await tokens('Artifact Registry')).to.deep.equal({
      GOOGLE_ID_TOKEN: { aud: 'https://iam.googleapis.com/$GOOGLE_WORKLOAD_IDENTITY_PROVIDER' },
    });
    expect(await tokens('Amazon ECR')).to.deep.equal({ AWS_ID_TOKEN: { aud: 'sts.amazonaws.com' } });
    expect(await tokens('Azure Container Registry')).to.deep.equal({
      AZURE_ID_TOKEN: { aud: 'api://AzureADTokenExchange' },
    });
    for (const name of ['ghcr.io', 'Docker Hub', 'GitLab', 'another registry']) {
      expect(await tokens(name), name).to.equal(undefined);
    }
  });

  const owners: readonly [image: string, remote: PipelineFacts['remote'], isOwn: boolean][] = [
    ['registry.gitlab.com/acme/app', { host: 'gitlab.com', path: 'acme/app' }, true],
    ['registry.gitlab.com/acme/app', undefined, true],
    ['git.example.com:5050/acme/app', { host: 'git.example.com', path: 'acme/app' }, true],
    ['registry.git.example.com/acme/app', { host: 'git.example.com', path: 'acme/app' }, true],
    ['registry.gitlab.com/acme/app', { host: 'git.example.com', path: 'acme/app' }, false],
    ['registry.example.com/acme/app', { host: 'gitlab.com', path: 'acme/app' }, false],
  ];
  for (const [image, remote, isOwn] of owners) {
    it(`logs in to ${image} from ${remote?.host ?? 'nowhere'} ${isOwn ? 'as GitLab lets every job' : 'as a user'}`, async () => {
      const script = (await jobs(image, { remote }))['kdeploy-image']?.script.join('\n') ?? '';
      expect(script.includes('"$CI_REGISTRY_USER" "$CI_REGISTRY_PASSWORD"')).to.equal(isOwn);
      expect(script.includes('"$REGISTRY_USERNAME" "$REGISTRY_PASSWORD"')).to.equal(!isOwn);
      const steps = gitlab.nextSteps(pipelineFacts(image, { remote }), { file: '.gitlab-ci.yml' });
      expect(steps.map(({ text }) => text).join()).to.contain(isOwn ? 'nothing to set up' : 'REGISTRY_PASSWORD');
    });
  }

  it('logs in to the Azure of another country, whose tokens come from elsewhere, as a user', async () => {
    const job = (await jobs('acme.azurecr.cn/app'))['kdeploy-image'];
    expect(job?.id_tokens).to.equal(undefined);
    expect(job?.script.join('\n')).to.contain('"$REGISTRY_USERNAME" "$REGISTRY_PASSWORD"');
    const steps = gitlab.nextSteps(pipelineFacts('acme.azurecr.cn/app'), { file: '.gitlab-ci.yml' });
    expect(steps.map(({ text }) => text).join()).to.contain('REGISTRY_PASSWORD');
  });

  it('needs no engine and no privileged runner where the builder layers makes the same image', async () => {
    const { '.kdeploy': common, 'kdeploy-image': image } = await jobs(undefined, { builder: 'layers' });
    expect(image).to.not.have.any.keys('services', 'variables');
    expect(image?.cache?.paths).to.deep.equal(['.kdeploy-cache/']);
    expect(common?.variables?.KDEPLOY_CACHE_FOLDER).to.equal('$CI_PROJECT_DIR/.kdeploy-cache/kdeploy');
    expect(image?.script.join('\n')).to.contain('--builder layers').and.not.to.contain('curl');
  });

  it('runs for a folder only when it or the pipeline changes, and in that folder', async () => {
    const pipeline = await jobs(undefined, churn);
    const changes = ['my pipelines/churn \\[1\\]/**/*', '.gitlab/kdeploy-churn.yml'];
    const main = { if: '$CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH', changes };
    const tag = { if: '$CI_COMMIT_TAG =~ /^churn-v[0-9]/' };
    const request = { if: '$CI_PIPELINE_SOURCE == "merge_request_event"', changes };
    expect(pipeline['kdeploy-churn-check']?.rules).to.deep.equal([request, main, tag]);
    expect(pipeline['kdeploy-churn-image']?.rules).to.deep.equal([main, tag]);
    expect(pipeline['.kdeploy-churn']?.before_script).to.include('cd "$CI_PROJECT_DIR/my pipelines/churn [1]"');
  });

  it('says how to let this project in, from its own GitLab', () => {
    const commands = (remote: PipelineFacts['remote']) =>
      gitlab
        .nextSteps(pipelineFacts(IMAGES['Artifact Registry'], { remote }), { file: '.gitlab-ci.yml' })
        .map(({ command }) => command ?? '')
        .join('\n');
    const own = commands({ host: 'git.example.com', path: 'acme/ml/flights' });
    expect(own)
      .to.contain('--issuer-uri=https://git.example.com ')
      .and.to.contain(`--attribute-condition="assertion.project_path=='acme/ml/flights'"`);
    expect(commands({ host: 'github.com', path: 'acme/flights' })).to.contain('--issuer-uri=https://gitlab.com ');
    expect(commands({ host: 'gitlab.com', path: 'a"; rm -rf ~' })).to.contain("project_path=='GROUP/PROJECT'");
  });

  it('says what to include, and which runner another platform needs', () => {
    const facts = pipelineFacts(undefined, { ...churn, platform: 'linux/arm64', variables: ['PIP_INDEX_URL'] });
    const place = { file: '.gitlab/kdeploy-churn.yml', includedBy: { file: '.gitlab-ci.yml', stage: 'test' } };
    const steps = gitlab.nextSteps(facts, place).map(({ text }) => text);
    expect(steps[0]).to.equal('add to .gitlab-ci.yml:  include: [{local: /.gitlab/kdeploy-churn.yml}]');
    expect(steps.join()).to.contain('PIP_INDEX_URL').and.to.contain('a runner for linux/arm64');
  });
});
