import { mkdir } from 'node:fs/promises';
import path from 'node:path';

import { expect } from 'chai';

import { environment } from '../support/environment/mocha.js';
import { freePort } from '../support/environment/ports.js';
import { kedroAlone } from '../support/kedro-alone.js';
import { createWorkspace, type Workspace } from '../support/workspace.js';

interface Verdict {
  readonly id: string;
  readonly status: string;
  readonly detail: string;
  readonly remedy?: string;
}

describe('doctor', () => {
  let workspace: Workspace;
  let project: string;
  let nobody: string;
  before(async () => {
    workspace = await createWorkspace();
    project = await workspace.tinyProject('tiny');
    nobody = `127.0.0.1:${await freePort('127.0.0.1')}`;
  });
  after(() => workspace.remove());

  const examine = async (env: Record<string, string> = {}) => {
    const { exitCode, stdout, stderr } = await workspace.kdeploy(['doctor', '--json'], {
      cwd: project,
      env: { KDEPLOY_IMAGE_NAME: `${workspace.prefix}/tiny`, ...env },
    });
    expect(stderr).to.equal('');
    const { probes } = JSON.parse(stdout) as { probes: Verdict[] };
    return { exitCode, probes, verdicts: Object.fromEntries(probes.map(({ id, status }) => [id, status])) };
  };
  const WELL = {
    engine: 'ok',
    kedro: 'ok',
    registry: 'ok',
    google: 'skipped',
    mlflow: 'ok',
    hook: 'skipped',
    uv: 'ok',
    kdeploy: 'ok',
  };

  it('finds everything well where it is', async () => {
    const { exitCode, verdicts, probes } = await examine();
    expect(verdicts, JSON.stringify(probes)).to.deep.equal(WELL);
    expect(exitCode).to.equal(0);
  });

  const failures: {
    what: string;
    id: string;
    env: () => Record<string, string> | Promise<Record<string, string>>;
    words: string;
    /** What fails with it. */
    also?: Record<string, string>;
  }[] = [
    {
      what: 'engine',
      id: 'engine',
      env: () => ({ DOCKER_HOST: 'unix:///nowhere/docker.sock', KDEPLOY_BUILDER: 'kedro' }),
      words: 'cannot connect to the Docker Engine',
    },
    {
      what: 'kedro',
      id: 'kedro',
      env: () => ({ PATH: '/nowhere' }),
      words: 'kedro was not found',
      also: { hook: 'failed', uv: 'skipped' }, // nor are git and uv there
    },
    {
      what: "plugin of kedro's",
      id: 'kedro',
      env: async () => ({ KDEPLOY_KEDRO: await kedroAlone(environment()) }),
      words: 'kedro-docker kedro-mlflow not installed',
    },
    {
      what: 'registry',
      id: 'registry',
      env: () => ({ KDEPLOY_IMAGE_NAME: `${nobody}/tiny` }),
      words: 'refused the connection',
    },
    {
      what: 'MLflow server',
      id: 'mlflow',
      env: () => ({ KDEPLOY_TRACKING_URI: `http://${nobody}` }),
      words: 'refused the connection',
    },
  ];
  for (const { what, id, env, words, also } of failures) {
    it(`tells what to do without ${what}, and that the rest is well`, async () => {
      const { exitCode, verdicts, probes } = await examine(await env());
      expect(verdicts, JSON.stringify(probes)).to.deep.equal({ ...WELL, [id]: 'failed', ...also });
      expect(exitCode).to.equal(3);
      const verdict = probes.find((probe) => probe.id === id);
      expect(verdict?.detail).to.contain(words);
      expect(verdict?.remedy).to.match(/\w/);
    });
  }

  it('misses no engine where images are built without one', async () => {
    const { exitCode, verdicts } = await examine({
      DOCKER_HOST: 'unix:///nowhere/docker.sock',
      KDEPLOY_BUILDER: 'layers',
    });
    expect(verdicts).to.deep.equal({ ...WELL, engine: 'skipped' });
    expect(exitCode).to.equal(0);
  });

  it('looks at the machine alone when it is in no project', async () => {
    const elsewhere = path.join(workspace.folder, 'elsewhere');
    await mkdir(elsewhere);
    const { exitCode, stdout } = await workspace.kdeploy(['doctor'], { cwd: elsewhere });
    expect(exitCode).to.equal(0);
    expect(stdout)
      .to.match(/^Docker Engine +ok /m)
      .and.to.match(/^kedro +- +not in a Kedro project/m);
  });
});
