import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, readlink, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { expect } from 'chai';

import { environment } from '../support/environment/mocha.js';
import { createWorkspace, type Workspace } from '../support/workspace.js';

interface BadInput {
  readonly what: string;
  /** Spoils the project, or names another folder to be in. */
  readonly spoil?: (project: string) => Promise<string | undefined>;
  readonly args: readonly string[];
  readonly env?: Record<string, string>;
  readonly exitCode: number;
  /** All of them stand in the error: what is wrong, where, and what to do. */
  readonly says: readonly string[];
}

const BUILD = ['build', '--image', 'registry.example.com/team/app', '--tag', 'v1'] as const;
const writing =
  (file: string, content: string) =>
  async (project: string): Promise<undefined> => {
    await mkdir(path.dirname(path.join(project, file)), { recursive: true });
    await writeFile(path.join(project, file), content);
    return undefined;
  };

const INPUTS: readonly BadInput[] = [
  {
    what: 'a folder that is no Kedro project',
    spoil: async (project) => {
      await rm(path.join(project, 'pyproject.toml'));
      return undefined;
    },
    args: ['check'],
    exitCode: 2,
    says: ['is not in a Kedro project', '--project'],
  },
  {
    what: 'a --project that is not there',
    args: ['check', '--project', 'nowhere'],
    exitCode: 2,
    says: ['nowhere', 'next:'],
  },
  {
    what: 'a pyproject.toml that is no TOML',
    spoil: writing('pyproject.toml', '[tool.kedro\n'),
    args: BUILD,
    exitCode: 2,
    says: ['pyproject.toml:1'],
  },
  {
    what: 'a kdeploy.yml that is no YAML',
    spoil: writing('conf/base/kdeploy.yml', 'image:\n  name: [app\nmlflow: {}\n'),
    args: BUILD,
    exitCode: 2,
    says: ['conf/base/kdeploy.yml:'],
  },
  {
    what: 'a kdeploy.yml with unknown keys, all at once',
    spoil: writing('conf/base/kdeploy.yml', 'image:\n  nmae: app\nmlfow:\n  enabled: true\n'),
    args: BUILD,
    exitCode: 2,
    says: [
      'conf/base/kdeploy.yml:2: unknown key "nmae" in image; did you mean "name"?',
      'conf/base/kdeploy.yml:3: unknown key "mlfow"; did you mean "mlflow"?',
    ],
  },
  {
    what: 'a kdeploy.yml that is far too large',
    spoil: (project) => writing('conf/base/kdeploy.yml', `# ${'x'.repeat(6 * 1024 * 1024)}\n`)(project),
    args: BUILD,
    exitCode: 2,
    says: ['conf/base/kdeploy.yml', 'too large'],
  },
  {
    what: 'a kdeploy.yml that grows without end when its aliases are followed',
    spoil: writing('conf/base/kdeploy.yml', billionLaughs()),
    args: BUILD,
    exitCode: 2,
    says: ['conf/base/kdeploy.yml'],
  },
  {
    what: 'an mlflow.yml that is no text, and one that is a folder',
    spoil: async (project) => {
      await mkdir(path.join(project, 'conf', 'base', 'mlflow.yml'), { recursive: true });
      await writeFile(path.join(project, 'conf', 'local', 'mlflow.yml'), '\0\x01\x02 no text');
      return undefined;
    },
    args: BUILD,
    exitCode: 1,
    says: ['mlflow.yml'],
  },
  {
    what: 'an mlflow.yml with an unknown key',
    spoil: writing('conf/local/mlflow.yml', 'server:\n  mlflow_tracking_url: http://mlflow.example.com\n'),
    args: BUILD,
    exitCode: 1,
    says: ['conf/local/mlflow.yml:2', 'mlflow_tracking_url', 'mlflow_tracking_uri'],
  },
  {
    what: 'a tracking URI with a password in it',
    spoil: writing(
      'conf/local/mlflow.yml',
      'server:\n  mlflow_tracking_uri: https://me:planted-pw@mlflow.example.com\n',
    ),
    args: BUILD,
    exitCode: 1,
    says: ['conf/local/mlflow.yml:2', 'password'],
  },
  {
    what: 'a tracking URI with a password in it, with the checks switched off',
    spoil: writing(
      'conf/local/mlflow.yml',
      'server:\n  mlflow_tracking_uri: https://me:planted-pw@mlflow.example.com\n',
    ),
    args: [...BUILD, '--no-check'],
    exitCode: 2,
    says: ['user name or password', 'conf/local/mlflow.yml:2'],
  },
  {
    what: 'an image name with capitals',
    args: ['build', '--image', 'Registry/App'],
    exitCode: 2,
    says: ['Registry/App'],
  },
  {
    what: 'an image name with a digest in it',
    args: ['build', '--image', `a/b@sha256:${'0'.repeat(64)}`],
    exitCode: 2,
    says: ['a/b@sha256:', 'next:'],
  },
  { what: 'a tag that is none', args: [...BUILD, '--tag', 'a b'], exitCode: 2, says: ['a b'] },
  {
    what: 'a tag with an unknown name in braces',
    args: [...BUILD, '--tag', '{git.sah}'],
    exitCode: 2,
    says: ['git.sah', 'git.sha'],
  },
  {
    what: 'no image name at all',
    args: ['build', '--no-check'],
    exitCode: 2,
    says: ['no image name is configured', '--image'],
  },
  {
    what: 'a platform that is none',
    args: [...BUILD, '--platform', 'amd64'],
    exitCode: 2,
    says: ['amd64', 'linux/amd64'],
  },
  { what: 'a flag that does not exist', args: ['build', '--imgae', 'x'], exitCode: 2, says: ['--imgae', '--help'] },
  {
    what: 'a value that is none of the possible ones',
    args: ['build', '--builder', 'podman'],
    exitCode: 2,
    says: ['podman', 'kedro', 'engine'],
  },
  { what: 'a command that does not exist', args: ['biuld'], exitCode: 2, says: ['biuld', 'build'] },
  {
    what: 'a misspelled variable, which is no error',
    args: ['check'],
    env: { KDEPLOY_IMAGE_NMAE: 'x' },
    exitCode: 0,
    says: ['KDEPLOY_IMAGE_NMAE', 'KDEPLOY_IMAGE_NAME'],
  },
  {
    what: 'a build secret whose file is not there',
    args: [...BUILD, '--no-check', '--secret', 'id=a,src=nowhere'],
    exitCode: 2,
    says: ['nowhere'],
  },
  {
    what: 'a build argument without a value',
    args: [...BUILD, '--no-check', '--build-arg', 'UNSET'],
    exitCode: 2,
    says: ['UNSET', 'export UNSET='],
  },
  {
    what: 'a Dockerfile that is not there',
    args: [...BUILD, '--dockerfile', 'other.Dockerfile'],
    exitCode: 1,
    says: ['other.Dockerfile'],
  },
  {
    what: 'a push before any build',
    args: ['push'],
    exitCode: 2,
    says: ['this project has not been built', 'kdeploy build'],
  },
  {
    what: 'a push of what is not there',
    args: ['push', 'registry.example.com/none:v1'],
    exitCode: 2,
    says: ['the image registry.example.com/none:v1 is not on the local Docker Engine'],
  },
  {
    what: 'a push of a digest',
    args: ['push', `app@sha256:${'0'.repeat(64)}`],
    exitCode: 2,
    says: ['a push needs a tag'],
  },
  {
    what: 'the last build to inspect, where there was none',
    args: ['inspect'],
    exitCode: 2,
    says: ['this project has not been built on this machine yet', 'kdeploy build'],
  },
  {
    what: 'an init over a kdeploy.yml',
    spoil: writing('conf/base/kdeploy.yml', 'image: {}\n'),
    args: ['init'],
    exitCode: 2,
    says: ['conf/base/kdeploy.yml', '--force'],
  },
];

describe('bad input', () => {
  let workspace: Workspace;
  let template: string;
  before(async () => {
    workspace = await createWorkspace();
    // One that passes its checks; it is never built here.
    template = await workspace.tinyProject('template', [
      'FROM scratch',
      'COPY requirements.txt .',
      'RUN pip install -r requirements.txt',
      'COPY . .',
    ]);
  });
  after(() => workspace.remove());

  for (const { what, spoil, args, env, exitCode, says } of INPUTS) {
    it(`gets a sentence and changes nothing: ${what}`, async () => {
      const project = await workspace.copyOf(template);
      await spoil?.(project);
      const unchanged = [await digestOf(project), await imagesOf(workspace)];
      const outcome = await workspace.kdeploy(args, { cwd: project, ...(env && { env }) });
      const { stdout, stderr } = outcome;
      expect(outcome.exitCode, stderr).to.equal(exitCode);
      for (const words of says) expect(stderr).to.contain(words);
      expect(stderr)
        .not.to.match(/^ +at .*:\d+:\d+/m)
        .and.not.to.contain('a bug in kdeploy');
      expect(`${stdout}${stderr}`).not.to.contain('planted-pw');
      expect([await digestOf(project), await imagesOf(workspace)]).to.deep.equal(unchanged);
    });
  }

  it('is told in one JSON document where that is asked for', async () => {
    const { exitCode, stdout, stderr } = await workspace.kdeploy(['build', '--image', 'A', '--json'], {
      cwd: template,
    });
    expect(exitCode).to.equal(2);
    expect(stderr).to.equal('');
    expect(JSON.parse(stdout)).to.have.nested.property('error.exitCode', 2);
  });

  it('is told of an engine that is not there as well, without a stack', async () => {
    const { baseImage } = environment();
    const outcome = await workspace.kdeploy([...BUILD, '--no-check', '--base-image', baseImage], {
      cwd: template,
      env: { DOCKER_HOST: 'tcp://127.0.0.1:1' },
    });
    expect(outcome.exitCode).to.equal(3);
    expect(outcome.stderr)
      .to.contain('tcp://127.0.0.1:1')
      .and.not.to.match(/^ +at /m);
  });
});

function billionLaughs(): string {
  const lines = ['a0: &a0 [lol, lol]'];
  for (let level = 1; level < 30; level++)
    lines.push(`a${level}: &a${level} [*a${level - 1}, *a${level - 1}, *a${level - 1}]`);
  return `${lines.join('\n')}\n`;
}

/** Of every name and every byte below a folder. */
async function digestOf(folder: string): Promise<string> {
  const hash = createHash('sha256');
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  for (const file of entries.map((entry) => path.join(entry.parentPath, entry.name)).sort()) {
    hash.update(`${file}\n`);
    const content = await readFile(file).catch(() => readlink(file).catch(() => ''));
    hash.update(content);
  }
  return hash.digest('hex');
}

async function imagesOf({ docker }: Workspace): Promise<string[]> {
  return (await docker.listImages()).flatMap(({ Id, RepoTags }) => [Id, ...(RepoTags ?? [])]).sort();
}
