import { expect } from 'chai';
import { gitFacts } from '../../../src/builders/git-facts.js';
import { buildProject, type BuildProjectOptions } from '../../../src/builders/build-project.js';
import type { EngineConnection } from '../../../src/places/engine/connection.js';
import { silent } from '../../../src/progress.js';
import { StateFolder } from '../../../src/state-folder.js';
import { rejection } from '../../support/rejection.js';
import { FakeEngine } from '../../unit/places/engine/fake-engine.js';
import { everythingIn } from '../../unit/places/registry/refusal.js';
import { TemporaryFolder } from '../../unit/temporary-folder.js';
import { modelOf, projectOf, settings } from '../../unit/builders/projects.js';

describe('building a project', () => {
  let folder: TemporaryFolder;
  let engine: FakeEngine;

  beforeEach(async () => {
    [folder, engine] = [await TemporaryFolder.create(), await FakeEngine.start()];
  });

  afterEach(async () => {
    await engine.stop();
    await folder.remove();
  });

  const build = (changes: Partial<BuildProjectOptions>) =>
    buildProject(
      {
        model: modelOf(projectOf(folder.path), changes.settings ?? settings(), { kedro: folder.file('none') }),
        settings: settings(),
        env: 'local',
        kedro: folder.file('none'),
        selfTest: 'auto',
        report: { tracking: undefined, trackingConfig: undefined },
        git: gitFacts(folder.path),
        kdeployVersion: '1.0.0',
        engine: { docker: engine.docker, host: 'unix:///x', origin: 'DOCKER_HOST' } satisfies EngineConnection,
        state: new StateFolder(folder.file('state')),
        environment: {},
        ...changes,
      },
      silent,
      new AbortController().signal,
    );

  const mistakes: readonly [what: string, changes: () => Partial<BuildProjectOptions>, message: string | RegExp][] = [
    ['no image name', () => ({ settings: settings({ name: null }) }), 'no image name is configured'],
    [
      'a build argument that the environment does not have',
      () => ({ settings: settings({}, { args: { TOKEN: null } }) }),
      'the build argument TOKEN has no value, and the variable TOKEN is not set',
    ],
    [
      'a secret whose variable is not set',
      () => ({ settings: settings({}, { secrets: [{ id: 'pip', env: 'PIP_CONF' }] }) }),
      'the build secret pip is read from the variable PIP_CONF, which is not set',
    ],
    [
      'a secret whose file is not there',
      () => ({ settings: settings({}, { secrets: [{ id: 'pip', file: 'pip.conf' }] }) }),
      'the file of the build secret pip cannot be read: pip.conf',
    ],
    ['a kedro that is not there', () => ({}), /none/],
    [
      'a tracking URI with a password in it, also with the checks switched off',
      () => ({
        report: {
          trackingConfig: undefined,
          tracking: {
            uri: 'https://me:hunter2-pw@mlflow.example.com',
            registryUri: undefined,
            experiment: 'x',
            source: { kind: 'settings', name: 'mlflow.tracking_uri' },
            registrySource: undefined,
          },
        },
      }),
      /^the tracking URI contains a user name or password \(the setting mlflow.tracking_uri\)/,
    ],
  ];
  for (const [what, changes, message] of mistakes) {
    it(`costs nothing with ${what}: the engine is not even asked`, async () => {
      const error = await rejection(build(changes()));
      if (typeof message === 'string') expect(error.message).to.equal(message);
      else expect(error.message).to.match(message);
      expect(error.exitCode).to.be.oneOf([2, 3]);
      expect(engine.asked).to.deep.equal([]);
      expect(everythingIn(error)).not.to.contain('hunter2');
    });
  }
});
