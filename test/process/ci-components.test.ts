import { execFile } from 'node:child_process';
import { chmod, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { parse } from 'yaml';
import { temporaryFolder } from './git/temporary-repository.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const DIGEST = `sha256:${'ab'.repeat(32)}`;
const REFERENCE = `registry.example.com/team/flights@${DIGEST}`;

interface Step {
  readonly name?: string;
  readonly run?: string;
}
interface Job {
  readonly before_script?: readonly string[];
  readonly script?: readonly string[];
}

/** The scripts of the action and of the component as they stand in the files; stand-ins write down how they are called. */
describe('what CI services take from this repository:', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await temporaryFolder();
    for (const each of ['bin', 'home', 'kdeploy/bin']) await mkdir(join(folder, each), { recursive: true });
    const record = (name: string) => `printf '${name} %s\\n' "$*" >> '${join(folder, 'calls')}'`;
    const metadata = `while [ $# -gt 0 ]; do
      if [ "$1" = --metadata-file ]; then echo '{"references": ["${REFERENCE}"]}' > "$2"; fi
      shift
    done`;
    await program('bin/pip', record('pip'));
    for (const each of ['bin/kdeploy', 'kdeploy/bin/kdeploy']) await program(each, `${record('kdeploy')}\n${metadata}`);
    await program('kdeploy/bin/python', record('python'));
    await program('bin/python', 'exec python3 "$@"');
  });
  afterEach(() => rm(folder, { recursive: true }));

  const program = async (file: string, script: string) => {
    await writeFile(join(folder, file), `#!/bin/bash\n${script}\n`);
    await chmod(join(folder, file), 0o755);
  };
  const bash = (script: string, variables: Readonly<Record<string, string>>) =>
    promisify(execFile)('bash', ['-eo', 'pipefail', '-c', script], {
      cwd: folder,
      env: { PATH: `${join(folder, 'bin')}:${process.env.PATH ?? ''}`, HOME: join(folder, 'home'), ...variables },
    });
  const calls = async () => (await readFile(join(folder, 'calls'), 'utf8')).trim().split('\n');

  describe('the action', () => {
    const run = async (inputs: Readonly<Record<string, string>>) => {
      const { runs } = parse(await readFile(join(root, 'action.yml'), 'utf8')) as { runs: { steps: Step[] } };
      const given = { COMMAND: 'check', PROJECT: '.', ENVIRONMENT: '', BUILDER: '', TAG: '', PACKAGE: '', ...inputs };
      const files = { GITHUB_OUTPUT: join(folder, 'output'), GITHUB_STEP_SUMMARY: join(folder, 'summary') };
      for (const { run: script } of runs.steps) {
        // The environment is there already: making one takes seconds.
        const here = script?.replace(/^python3 -m venv .*$/m, '');
        if (here !== undefined) await bash(here, { RUNNER_TEMP: folder, ...files, ...given });
      }
    };

    it('checks, and installs nothing that somebody else could upload', async () => {
      await run({});
      expect(await calls()).to.deep.equal([
        'python -m pip install uv==0.13.9 kdeploy==0.1.0+unreleased',
        'kdeploy check --format github --project .',
      ]);
    });

    it('builds, pushes, and leaves the digest as an output', async () => {
      await run({ COMMAND: 'build', PROJECT: 'my project', ENVIRONMENT: 'prod', BUILDER: 'layers', TAG: 'v1' });
      const metadata = join(folder, 'kdeploy-image.json');
      expect((await calls()).at(-1)).to.equal(
        `kdeploy build --push --metadata-file ${metadata} --project my project --env prod --builder layers --tag v1`,
      );
      expect(await readFile(join(folder, 'output'), 'utf8')).to.equal(`reference=${REFERENCE}\ndigest=${DIGEST}\n`);
    });

    it('refuses another command, whatever it holds', async () => {
      const error = await run({ COMMAND: 'build; touch gone' }).catch((each: unknown) => each);
      expect(error).to.have.property('code', 2);
      expect(await calls()).to.have.lengthOf(1);
    });
  });

  describe('the component of GitLab', () => {
    const jobs = async (inputs: Readonly<Record<string, string>> = {}) => {
      const [head = '', body = ''] = (await readFile(join(root, 'templates/image/template.yml'), 'utf8')).split(
        '---\n',
      );
      const { spec } = parse(head) as { spec: { inputs: Record<string, { default: string }> } };
      const filled = body.replaceAll(/\$\[\[ inputs\.(\w+) \]\]/g, (_, name: string) => {
        const value = inputs[name] ?? spec.inputs[name]?.default;
        if (value === undefined) throw new Error(`no input is called ${name}`);
        return value;
      });
      return parse(filled) as Record<string, Job>;
    };

    it('logs in to GitLab’s own registry, builds, and leaves the digest to later jobs', async () => {
      const { '.kdeploy': common, 'kdeploy-image': image } = await jobs();
      const script = [...common!.before_script!, ...image!.script!].join('\n').replaceAll('/tmp/', `${folder}/`);
      await bash(script, {
        ...{ CI_PROJECT_DIR: folder, KDEPLOY_PACKAGE: 'kdeploy.whl', KDEPLOY_PROJECT: '.' },
        ...{ CI_REGISTRY: 'registry.gitlab.com', CI_REGISTRY_USER: 'robot', CI_REGISTRY_PASSWORD: 'secret' },
        CI_COMMIT_TAG: 'v1',
      });
      expect(await calls()).to.deep.equal([
        'pip install uv==0.13.9 kdeploy.whl',
        `kdeploy build --project . --builder layers --push --metadata-file ${join(folder, 'image.json')} --tag v1`,
      ]);
      expect(await readFile(join(folder, 'kdeploy-image.env'), 'utf8')).to.equal(
        `IMAGE_REFERENCE=${REFERENCE}\nIMAGE_DIGEST=${DIGEST}\n`,
      );
      const login = Buffer.from('robot:secret').toString('base64');
      expect(JSON.parse(await readFile(join(folder, 'home/.docker/config.json'), 'utf8'))).to.deep.equal({
        auths: { 'registry.gitlab.com': { auth: login } },
      });
    });

    it('has jobs of the name that is asked for, and uses every input', async () => {
      expect(Object.keys(await jobs({ job: 'churn' }))).to.deep.equal(['.churn', 'churn-check', 'churn-image']);
      const [head = '', body = ''] = (await readFile(join(root, 'templates/image/template.yml'), 'utf8')).split(
        '---\n',
      );
      const { spec } = parse(head) as { spec: { inputs: object } };
      for (const name of Object.keys(spec.inputs)) expect(body).to.contain(`$[[ inputs.${name} ]]`);
    });
  });
});
