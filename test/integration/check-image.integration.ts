import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';

import { expect } from 'chai';

import type { Report } from '../../src/ui/reports/report.js';
import { run } from '../support/environment/commands.js';
import { environment } from '../support/environment/mocha.js';
import { createWorkspace, type Workspace } from '../support/workspace.js';

describe('check --image', () => {
  const body = randomBytes(600).toString('base64');
  const password = 'planted-51ab90-password';
  const argument = 'planted-92cd11-argument';
  let workspace: Workspace;
  let image: string;
  before(async () => {
    workspace = await createWorkspace();
    image = `${workspace.prefix}/leaky:v1`;
    const folder = await workspace.tinyProject('leaky', [
      `FROM ${environment().baseImage}`,
      `ENV DB_PASSWORD=${password}`,
      'ARG API_TOKEN',
      'WORKDIR /home/kedro',
      'COPY . .',
      'RUN rm parameters.json',
    ]);
    const key = { type: 'service_account', private_key: `-----BEGIN PRIVATE KEY-----\n${body}\n` };
    await writeFile(path.join(folder, 'parameters.json'), JSON.stringify(key, undefined, 2));
    const options = { env: { ...environment().env, DOCKER_BUILDKIT: '0' } };
    await run(['docker', 'build', '--build-arg', `API_TOKEN=${argument}`, '--tag', image, folder], options);
    await run(['docker', 'push', image], options);
  });
  after(() => workspace.remove());

  const cases: [where: string, env: Record<string, string>][] = [
    ['on the engine', {}],
    ['in the registry', { DOCKER_HOST: 'unix:///nowhere/docker.sock' }],
  ];
  for (const [where, env] of cases) {
    it(`finds a key that a later layer deleted, ${where}, names its layer, and prints no secret`, async () => {
      const outcome = await workspace.kdeploy(['check', '--image', image], { env });
      expect(outcome.exitCode, outcome.stderr).to.equal(1);
      expect(outcome.stdout).to.match(
        /error: \/home\/kedro\/parameters\.json(?:, line \d)? in layer \d+ of \d+ \(sha256:[0-9a-f]{12}, COPY [^)]*\) is a Google service account key; a later layer deletes it/,
      );
      expect(outcome.stdout).to.contain('the image sets DB_PASSWORD to a value');
      expect(outcome.stdout).to.contain('sets API_TOKEN to a value');
      for (const secret of [body.slice(0, 40), password, argument])
        expect(`${outcome.stdout}${outcome.stderr}`).not.to.contain(secret);
    });
  }

  it('finds nothing in the base image, as JSON', async () => {
    const { exitCode, stdout } = await workspace.kdeploy([
      'check',
      '--image',
      environment().baseImage,
      '--format',
      'json',
    ]);
    expect(exitCode).to.equal(0);
    const { projects, images } = JSON.parse(stdout) as Report;
    expect(projects).to.deep.equal([]);
    expect(images).to.deep.equal([
      { name: environment().baseImage, rules: ['image-has-no-credentials'], findings: [] },
    ]);
  });

  it('says that neither has the image', async () => {
    const { exitCode, stderr } = await workspace.kdeploy(['check', '--image', `${workspace.prefix}/none:v1`]);
    expect(exitCode).to.equal(2);
    expect(stderr).to.contain('none:v1');
  });
});
