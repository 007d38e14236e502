import { execFile } from 'node:child_process';
import { chmod, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { parse } from 'yaml';
import type { PipelineFacts } from '../../../../../src/config/init/ci/facts.js';
import type { CiServiceName } from '../../../../../src/config/init/ci/service-names.js';
import { IMAGES, pipelineFacts, renderPipeline } from '../../../../support/pipelines.js';
import { temporaryFolder } from '../../../git/temporary-repository.js';

const DIGEST = `sha256:${'ab'.repeat(32)}`;
const NAME = 'registry.example.com/team/flights';
const PACKAGE = 'tools/kdeploy-0.1.0-py3-none-any.whl';

interface GitHubJob {
  readonly steps: readonly { readonly name?: string; readonly run?: string }[];
}
interface GitLabJob {
  readonly variables?: Readonly<Record<string, string>>;
  readonly before_script?: readonly string[];
  readonly script: readonly string[];
}

/**
 * The scripts of the pipelines as they stand in the files, each run by bash as the service runs it. Stand-ins write down how they are called: pip,
 * and kdeploy, which also writes the metadata of a pushed image. With a real engine and registry: ci-run.integration.ts.
 */
describe('the scripts of the pipelines', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await temporaryFolder();
    await mkdir(join(folder, 'bin'));
    await mkdir(join(folder, 'home'));
    await mkdir(join(folder, 'project'));
    await program('pip', `printf 'pip %s\\n' "$*" >> '${join(folder, 'calls')}'`);
    await program(
      'kdeploy',
      `printf 'kdeploy %s\\n' "$*" >> '${join(folder, 'calls')}'
       while [ $# -gt 0 ]; do
         if [ "$1" = --metadata-file ]; then echo '{"references": ["${NAME}@${DIGEST}"]}' > "$2"; fi
         shift
       done`,
    );
    // -m pip and -m venv would ask the package index.
    await program(
      'python',
      `case "$*" in
         '-m pip '*) shift 2; exec pip "$@" ;;
         '-m venv '*) mkdir -p "$3/bin"; for each in pip kdeploy; do cp '${join(folder, 'bin')}'/$each "$3/bin/"; done ;;
         *) exec python3 "$@" ;;
       esac`,
    );
  });
  afterEach(() => rm(folder, { recursive: true }));

  const program = async (name: string, script: string) => {
    const file = join(folder, 'bin', name);
    await writeFile(file, `#!/bin/bash\n${script}\n`);
    await chmod(file, 0o755);
  };
  const calls = async () => (await readFile(join(folder, 'calls'), 'utf8')).trim().split('\n');
  const bash = async (script: string, variables: Readonly<Record<string, string>>) => {
    const env = {
      PATH: `${join(folder, 'bin')}:${process.env.PATH ?? ''}`,
      HOME: join(folder, 'home'),
      ...variables,
    };
    const options = { cwd: join(folder, 'project'), env };
    return promisify(execFile)('bash', ['-eo', 'pipefail', '-c', script], options);
  };
  const pipeline = async (service: CiServiceName, image?: string, different: Partial<PipelineFacts> = {}) => {
    const facts = pipelineFacts(image ?? NAME, { kdeployPackage: PACKAGE, builder: 'layers', ...different });
    return parse((await renderPipeline(service, facts)).text) as Record<string, unknown>;
  };

  const runsOf = ({ jobs }: Record<string, unknown>, job: string) =>
    (jobs as Record<string, GitHubJob>)[job]!.steps.filter(({ run }) => run !== undefined);
  const runGitHub = async (different: Partial<PipelineFacts>, variables: Readonly<Record<string, string>> = {}) => {
    const workflow = await pipeline('github', NAME, different);
    const set = {
      ...(workflow.env as Record<string, string>),
      RUNNER_TEMP: folder,
      GITHUB_OUTPUT: join(folder, 'output'),
      GITHUB_STEP_SUMMARY: join(folder, 'summary'),
      GITHUB_REF_TYPE: 'branch',
      ...variables,
    };
    for (const job of ['check', 'image']) {
      for (const { name, run } of runsOf(workflow, job)) if (name !== 'Log in to the registry') await bash(run!, set);
    }
  };

  for (const [builder, uv] of [
    ['layers', 'uv==0.13.9 '],
    ['engine', ''],
  ] as const) {
    it(`GitHub: install, check, build with ${builder}, and leave the digest as an output`, async () => {
      await runGitHub({ builder });
      expect(await calls()).to.deep.equal([
        `pip install ${PACKAGE}`,
        'kdeploy check --format github',
        `pip install ${uv}${PACKAGE}`,
        `kdeploy build --builder ${builder} --push --metadata-file ${join(folder, 'image.json')}`,
      ]);
      expect(await readFile(join(folder, 'output'), 'utf8')).to.equal(
        `reference=${NAME}@${DIGEST}\ndigest=${DIGEST}\n`,
      );
    });
  }

  it('GitHub: a git tag is the image’s, without the part that names the project', async () => {
    await runGitHub({ folder: 'pipelines/flights' }, { GITHUB_REF_TYPE: 'tag', GITHUB_REF_NAME: 'flights-v1.2.3' });
    expect((await calls()).at(-1)).to.match(/ --tag v1\.2\.3$/);
  });

  it('stop with a sentence where nobody has said what to install', async () => {
    for (const [service, script] of [
      ['github', runsOf(await pipeline('github', NAME, { kdeployPackage: undefined }), 'check')[0]!.run!],
      ['gitlab', gitlabScript(await pipeline('gitlab', NAME, { kdeployPackage: undefined }), 'kdeploy-check')],
    ] as const) {
      const error = await bash(script, { KDEPLOY_PACKAGE: '', CI_PROJECT_DIR: folder }).catch((each: unknown) => each);
      expect(error, service).to.have.property('stderr').that.contains('name what to install as kdeploy');
    }
    expect(await readFile(join(folder, 'calls'), 'utf8').catch(() => 'nothing was installed')).to.equal(
      'nothing was installed',
    );
  });

  const gitlabScript = (jobs: Record<string, unknown>, job: string) => {
    const all = jobs as Record<string, GitLabJob>;
    return [...all['.kdeploy']!.before_script!, ...all[job]!.script].join('\n');
  };

  it('GitLab: build without Docker, hide the cache from git, and leave the digest to later jobs', async () => {
    const script = gitlabScript(await pipeline('gitlab'), 'kdeploy-image').replaceAll('/tmp/', `${folder}/`);
    await bash(script, {
      CI_PROJECT_DIR: join(folder, 'project'),
      KDEPLOY_PACKAGE: PACKAGE,
      REGISTRY_USERNAME: 'robot',
      REGISTRY_PASSWORD: 'secret',
    });
    expect(await readFile(join(folder, 'project/kdeploy-image.env'), 'utf8')).to.equal(
      `IMAGE_REFERENCE=${NAME}@${DIGEST}\nIMAGE_DIGEST=${DIGEST}\n`,
    );
    expect(await readFile(join(folder, 'project/.git/info/exclude'), 'utf8')).to.equal('/.kdeploy-cache/\n');
    const login = Buffer.from('robot:secret').toString('base64');
    expect(JSON.parse(await readFile(join(folder, 'home/.docker/config.json'), 'utf8'))).to.deep.equal({
      auths: { 'registry.example.com': { auth: login } },
    });
    expect((await calls()).join('\n')).not.to.contain('secret');
  });

  describe('GitLab and Azure:', () => {
    let server: Server;
    let asked: string[];
    beforeEach(async () => {
      asked = [];
      server = createServer((request, response) => {
        let body = '';
        request.on('data', (chunk: Buffer) => (body += chunk.toString()));
        request.on('end', () => {
          asked.push(`${request.url ?? ''} ${body}`);
          const isEntra = request.url?.endsWith('/oauth2/v2.0/token') === true;
          response.end(JSON.stringify(isEntra ? { access_token: 'azure token' } : { refresh_token: 'password' }));
        });
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    });
    afterEach(() => server.close());

    it('the job’s token becomes a password of the registry, and nothing is stored', async () => {
      const script = gitlabScript(await pipeline('gitlab', IMAGES['Azure Container Registry']), 'kdeploy-image');
      const { port } = server.address() as AddressInfo;
      const here = script
        .replaceAll('/tmp/', `${folder}/`)
        .replaceAll('https://login.microsoftonline.com', `http://127.0.0.1:${port}`)
        .replaceAll('https://{registry}', `http://127.0.0.1:${port}`);
      await bash(here, {
        CI_PROJECT_DIR: join(folder, 'project'),
        KDEPLOY_PACKAGE: PACKAGE,
        AZURE_CLIENT_ID: 'client',
        AZURE_TENANT_ID: 'tenant',
        AZURE_ID_TOKEN: 'job token',
      });
      const [entra, registry] = asked.map((each) => new URL(each.replace(' ', '?'), 'http://x').searchParams);
      expect(Object.fromEntries(entra!)).to.deep.equal({
        client_id: 'client',
        client_assertion: 'job token',
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
        grant_type: 'client_credentials',
        scope: 'https://containerregistry.azure.net/.default',
      });
      expect(Object.fromEntries(registry!)).to.deep.equal({
        grant_type: 'access_token',
        service: 'acme.azurecr.io',
        tenant: 'tenant',
        access_token: 'azure token',
      });
      const { auths } = JSON.parse(await readFile(join(folder, 'home/.docker/config.json'), 'utf8')) as {
        auths: Record<string, { auth: string }>;
      };
      const login = Buffer.from(auths['acme.azurecr.io']!.auth, 'base64').toString();
      expect(login).to.equal('00000000-0000-0000-0000-000000000000:password');
    });
  });

  it('Cloud Build: install once for both steps, build, and leave the reference as the step’s output', async () => {
    const { steps } = (await pipeline('cloudbuild', IMAGES['Artifact Registry'])) as {
      steps: readonly { script: string }[];
    };
    const variables = { KDEPLOY_PACKAGE: PACKAGE, BUILDER_OUTPUT: folder };
    for (const { script } of steps) await bash(script, variables);
    expect(await readFile(join(folder, 'output'), 'utf8')).to.equal(`${NAME}@${DIGEST}\n`);
    expect(await calls()).to.deep.equal([
      `pip install uv==0.13.9 ${PACKAGE}`,
      'kdeploy check',
      `kdeploy build --builder layers --push --metadata-file ${join(folder, 'home/image.json')}`,
    ]);
  });
});
