import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { expect } from 'chai';
import { execa } from 'execa';
import { parse } from 'yaml';

import { run } from '../support/environment/commands.js';
import { environment } from '../support/environment/mocha.js';
import { commitAll } from '../support/environment/project.js';
import { startRegistry, type Registry } from '../support/environment/registry.js';
import { createWorkspace, type Workspace } from '../support/workspace.js';

const executable = fileURLToPath(new URL('../../bin/run.js', import.meta.url));
const WHEEL = 'tools/kdeploy-0.1.0-py3-none-any.whl';
const login = { username: 'robot', password: 'hunter2-registry' };

/**
 * The commands of the pipelines, run in order as the services do, on a clone, with a real engine, a registry that wants a
 * login, and MLflow. Stand-ins: pip (the kdeploy under test is the one that is installed), the registry's address (the
 * real ones do not let a pipeline push to this machine), and in GitLab's the wait for an engine of its own.
 */
describe('the commands of a pipeline that kdeploy init --ci writes', () => {
  const written = 'registry.example.com/team/flights';
  let workspace: Workspace;
  let registry: Registry;
  let project: string;
  let name: string;
  let head: string;

  before(async () => {
    workspace = await createWorkspace();
    registry = await startRegistry({ credentials: login });
    const repository = path.join(workspace.folder, 'repository');
    project = path.join(repository, 'my pipelines', 'flights');
    await run(['mkdir', '-p', path.dirname(project)]);
    // Made elsewhere, since it comes with a repository of its own.
    const single = await workspace.project('single');
    await run(['rm', '-rf', path.join(single, '.git')]);
    await run(['mv', single, project]);
    const settings = {
      image: { name: written, tags: ['{git.sha}'], base: environment().baseImage, builder: 'engine' },
      mlflow: { tracking_uri: environment().mlflowUri },
    };
    await writeFile(path.join(project, 'conf/base/kdeploy.yml'), JSON.stringify(settings));
    await commitAll(repository, 'A repository with a pipeline in a folder');
    for (const platform of ['github', 'gitlab', 'cloudbuild'] as const) {
      const { exitCode, stderr } = await workspace.kdeploy(['init', '--ci', platform, '--kdeploy-package', WHEEL], {
        cwd: project,
      });
      expect(exitCode, stderr).to.equal(0);
    }
    await commitAll(repository, 'Pipelines');
    head = await run(['git', '-C', repository, 'rev-parse', 'HEAD']);
    name = `${workspace.prefixAt(registry.address)}/flights`;
    await standIns();
  });
  after(async () => {
    await registry.stop();
    await workspace.remove();
  });

  const bin = () => path.join(workspace.folder, 'bin');
  /** pip takes what the pipelines ask it for, and nothing else. */
  const standIns = async () => {
    await mkdir(bin());
    const scripts = {
      kdeploy: `exec '${process.execPath}' '${executable}' "$@"`,
      pip: `case "$*" in "install ${WHEEL}") ;; *) echo "pip $*" >&2; exit 9 ;; esac`,
      python: `case "$*" in
        '-m pip '*) shift 2; exec pip "$@" ;;
        '-m venv '*) mkdir -p "$3/bin"; cp '${bin()}'/pip '${bin()}'/kdeploy "$3/bin/" ;;
        *) exec python3 "$@" ;;
      esac`,
    };
    for (const [command, script] of Object.entries(scripts)) {
      await writeFile(path.join(bin(), command), `#!/bin/bash\n${script}\n`);
      await chmod(path.join(bin(), command), 0o755);
    }
  };

  interface Machine {
    readonly folder: string;
    readonly home: string;
    /** Runs one script as the service does; the variables are those that the service sets. */
    bash(script: string, variables: Readonly<Record<string, string>>, cwd?: string): ReturnType<typeof bash>;
  }

  /** What a service starts with: a clone, and a home that nobody has logged in from. */
  const machine = async (label: string): Promise<Machine> => {
    const home = path.join(workspace.folder, `home-${label}`);
    const folder = path.join(workspace.folder, `clone-${label}`);
    await mkdir(home);
    await run(['git', 'clone', '--quiet', '--depth', '1', `file://${path.join(project, '../..')}`, folder]);
    return { folder, home, bash: (script, variables, cwd = folder) => bash(home, script, variables, cwd) };
  };
  const bash = async (home: string, script: string, variables: Readonly<Record<string, string>>, cwd: string) => {
    // Where the login goes is told by HOME alone.
    const around = Object.fromEntries(Object.entries(workspace.env).filter(([key]) => key !== 'DOCKER_CONFIG'));
    const env = {
      ...around,
      HOME: home,
      PATH: `${bin()}${path.delimiter}${around.PATH ?? ''}`,
      KDEPLOY_IMAGE_NAME: name,
      ...variables,
    };
    const options = { cwd, env, extendEnv: false, reject: false, timeout: 300_000 };
    return execa(
      'bash',
      ['-eo', 'pipefail', '-c', script.replaceAll(written.split('/')[0]!, registry.address)],
      options,
    );
  };
  const pipeline = async (clone: string, file: string) =>
    parse(await readFile(path.join(clone, file), 'utf8')) as Record<string, unknown>;

  /** What the registry says is behind the tag of this commit. */
  const pushedDigest = async (tag = head.slice(0, 12)): Promise<string | null> => {
    const [host, ...repository] = name.split('/');
    const response = await fetch(`http://${host}/v2/${repository.join('/')}/manifests/${tag}`, {
      headers: {
        Accept: 'application/vnd.docker.distribution.manifest.v2+json',
        Authorization: `Basic ${Buffer.from(`${login.username}:${login.password}`).toString('base64')}`,
      },
    });
    return response.headers.get('docker-content-digest');
  };

  it('are not written a second time without --force: exit code 2, and the way to replace them', async () => {
    const { exitCode, stdout, stderr } = await workspace.kdeploy(['init', '--ci', 'gitlab'], { cwd: project });
    expect([exitCode, stdout]).to.deep.equal([2, '']);
    expect(stderr).to.equal(
      'Error: .gitlab/kdeploy-spaceflights.yml already exists, so it was kept\n' +
        '  next: edit it, or overwrite it with: kdeploy init --ci gitlab --force\n',
    );
  });

  describe('GitHub Actions', () => {
    interface Job {
      readonly steps: readonly {
        name?: string;
        id?: string;
        uses?: string;
        run?: string;
        env?: Record<string, string>;
      }[];
    }
    const expressions: Readonly<Record<string, string>> = {
      '${{ vars.REGISTRY_USERNAME }}': login.username,
      '${{ secrets.REGISTRY_PASSWORD }}': login.password,
    };
    /** Runs the steps of a job until one fails. */
    const runJob = async (on: Machine, job: 'check' | 'image', variables: Record<string, string> = {}) => {
      const workflow = await pipeline(on.folder, '.github/workflows/kdeploy-spaceflights.yml');
      const { steps } = (workflow.jobs as Record<string, Job>)[job]!;
      const { run: defaults } = workflow.defaults as { run: { 'working-directory': string } };
      const runner = path.join(workspace.folder, `runner-${path.basename(on.folder)}-${job}`);
      await mkdir(runner);
      const files = { GITHUB_OUTPUT: path.join(runner, 'output'), GITHUB_STEP_SUMMARY: path.join(runner, 'summary') };
      const output: string[] = [];
      for (const step of steps.filter((each) => each.run !== undefined)) {
        const env = Object.entries({ ...(workflow.env as Record<string, string>), ...step.env }).map(
          ([key, value]) => [key, expressions[value] ?? value] as const,
        );
        const set = { ...files, RUNNER_TEMP: runner, GITHUB_REF_TYPE: 'branch', CI: 'true', ...variables };
        const cwd = path.join(on.folder, defaults['working-directory']);
        const outcome = await on.bash(step.run!, { ...set, ...Object.fromEntries(env) }, cwd);
        output.push(outcome.stdout, outcome.stderr);
        if (outcome.exitCode !== 0)
          return { failed: step.name, text: output.join('\n'), outputs: {} as Record<string, string> };
      }
      const lines = job === 'image' ? (await readFile(files.GITHUB_OUTPUT, 'utf8')).trim().split('\n') : [];
      const pairs = lines.map((line) => [line.replace(/=.*/, ''), line.slice(line.indexOf('=') + 1)] as const);
      const outputs: Record<string, string> = Object.fromEntries(pairs);
      return { failed: undefined, text: output.join('\n'), outputs };
    };

    it('check, log in, build and push; the outputs are what the registry has', async () => {
      const on = await machine('github');
      const checked = await runJob(on, 'check');
      expect(checked.failed, checked.text).to.equal(undefined);
      const { failed, text, outputs } = await runJob(on, 'image');
      expect(failed, text).to.equal(undefined);
      const digest = await pushedDigest();
      expect(digest).to.match(/^sha256:/);
      expect(outputs).to.deep.equal({ reference: `${name}@${digest}`, digest });
      expect(text).not.to.contain(login.password);
      // Nothing that the pipeline did made the sources differ from the commit.
      expect(await run(['git', '-C', on.folder, 'status', '--porcelain'])).to.equal('');
    });

    it('push a release under the name of its git tag, without the part that names the project', async () => {
      const on = await machine('github-release');
      const release = { GITHUB_REF_TYPE: 'tag', GITHUB_REF_NAME: 'spaceflights-v1.2.3' };
      const { failed, text, outputs } = await runJob(on, 'image', release);
      expect(failed, text).to.equal(undefined);
      expect(outputs.digest).to.equal(await pushedDigest('v1.2.3'));
    });

    it('stop at the check where a clone does not say where to log, with the finding beside its file', async () => {
      const on = await machine('github-untracked');
      const file = path.join(on.folder, 'my pipelines/flights/conf/base/kdeploy.yml');
      await writeFile(file, JSON.stringify({ image: { name: written } }));
      const { failed, text } = await runJob(on, 'check');
      expect(failed).to.equal('Check');
      expect(text).to.match(/^::error file=my pipelines\/flights\/conf\/(?:production|local)\/mlflow\.yml,/m);
    });
  });

  describe('GitLab CI', () => {
    interface Job {
      readonly variables?: Record<string, string>;
      readonly before_script?: readonly string[];
      readonly script?: readonly string[];
    }
    const runJob = async (on: Machine, job: string, variables: Record<string, string> = {}) => {
      const jobs = (await pipeline(on.folder, '.gitlab/kdeploy-spaceflights.yml')) as Record<string, Job>;
      const common = jobs['.kdeploy-spaceflights']!;
      const lines = [...common.before_script!, ...jobs[job]!.script!];
      const script = lines.filter((line) => !line.startsWith('curl '));
      if (job.endsWith('-image')) expect(script, 'one line waits for the engine').to.have.lengthOf(lines.length - 1);
      const given = { REGISTRY_USERNAME: login.username, REGISTRY_PASSWORD: login.password, CI: 'true' };
      return on.bash(script.join('\n'), { ...common.variables, ...given, CI_PROJECT_DIR: on.folder, ...variables });
    };

    it('check, log in, build and push; the variables for later jobs are what the registry has', async () => {
      const on = await machine('gitlab');
      const checked = await runJob(on, 'kdeploy-spaceflights-check');
      expect(checked.exitCode, checked.stderr).to.equal(0);
      const { exitCode, stderr, stdout } = await runJob(on, 'kdeploy-spaceflights-image');
      expect(exitCode, stderr).to.equal(0);
      const digest = await pushedDigest();
      const dotenv = await readFile(path.join(on.folder, 'kdeploy-image.env'), 'utf8');
      expect(dotenv).to.equal(`IMAGE_REFERENCE=${name}@${digest}\nIMAGE_DIGEST=${digest}\n`);
      expect(stdout + stderr).not.to.contain(login.password);
    });

    it('fail where the registry does not let it in, and leave no digest', async () => {
      const on = await machine('gitlab-refused');
      const wrong = { REGISTRY_PASSWORD: 'wrong' };
      const { exitCode } = await runJob(on, 'kdeploy-spaceflights-image', wrong);
      expect(exitCode).to.equal(5);
      expect((await run(['ls', on.folder])).split('\n')).not.to.include('kdeploy-image.env');
    });
  });

  describe('Cloud Build', () => {
    interface Step {
      readonly id: string;
      readonly dir: string;
      readonly script: string;
    }
    const runSteps = async (on: Machine, variables: Record<string, string> = {}) => {
      const build = await pipeline(on.folder, 'cloudbuild-spaceflights.yaml');
      const { env } = build.options as { env: readonly string[] };
      const output = path.join(on.home, 'output');
      await mkdir(output);
      const set = {
        ...Object.fromEntries(env.map((line) => line.split('=') as [string, string])),
        REGISTRY_USERNAME: login.username,
        REGISTRY_PASSWORD: login.password,
        BUILDER_OUTPUT: output,
        ...variables,
      };
      let last = '';
      for (const { dir, script, id } of build.steps as readonly Step[]) {
        const { exitCode, stdout, stderr } = await on.bash(script, set, path.join(on.folder, dir));
        expect(exitCode, `${id}: ${stderr}`).to.equal(0);
        last = stdout;
      }
      return { last, output: await readFile(path.join(output, 'output'), 'utf8').catch(() => undefined) };
    };

    it('check, log in, build and push; the output of the step is what the registry has', async () => {
      const { output } = await runSteps(await machine('cloudbuild'), { BRANCH_NAME: 'main' });
      expect(output).to.equal(`${name}@${await pushedDigest()}\n`);
    });

    it('only check a pull request', async () => {
      const { last, output } = await runSteps(await machine('cloudbuild-request'), { _PR_NUMBER: '7' });
      expect([last, output]).to.deep.equal(['Pull requests are checked, but not built.', undefined]);
    });
  });
});
