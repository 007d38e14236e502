import { expect } from 'chai';
import { diagnose } from '../../../src/doctor/diagnose.js';
import { registryProbe } from '../../../src/doctor/registry-probe.js';
import { TemporaryHome, base64 } from '../../unit/places/registry/credentials/temporary-home.js';
import { FakeClock } from '../../unit/places/registry/fake-clock.js';
import { FakeRegistry } from '../../unit/places/registry/fake-registry.js';
import { inProject, outsideOfProject } from '../../unit/doctor/contexts.js';

describe('the registry’s probe', () => {
  let registry: FakeRegistry;
  let home: TemporaryHome;

  beforeEach(async () => {
    [registry, home] = [await FakeRegistry.start(new FakeClock()), await TemporaryHome.create()];
  });

  afterEach(async () => {
    await registry.stop();
    await home.remove();
  });

  const context = () =>
    inProject({
      settings: { image: { name: `${registry.host}/team/app` } },
      environment: { ...home.env, DOCKER_CONFIG: `${home.home}/.docker` },
    });
  const logIn = (password: string) =>
    home.writeDockerConfig({ auths: { [registry.host]: { auth: base64(`me:${password}`) } } });
  const config = () => `${home.home}/.docker/config.json`;

  it('tells which credentials the registry takes, and shows none', async () => {
    registry.login = { kind: 'basic', username: 'me', password: 'hunter2-right' };
    await logIn('hunter2-right');
    const found = await registryProbe.run(context());
    expect(found.status).to.equal('ok');
    expect(found.detail).to.match(
      new RegExp(`^${registry.host} accepts the credentials from auths \\(.*config\\.json\\)$`),
    );
    expect(JSON.stringify(found)).not.to.contain('hunter2');
  });

  it('shows the credentials that are for the image’s own repository', async () => {
    registry.login = { kind: 'basic', username: 'me', password: 'hunter2-right' };
    const auth = (password: string) => ({ auth: base64(`me:${password}`) });
    const auths = { [registry.host]: auth('other'), [`${registry.host}/team`]: auth('hunter2-right') };
    await home.write('auth.json', { auths });
    const given = context();
    const environment = { ...given.environment, REGISTRY_AUTH_FILE: `${home.home}/auth.json` };
    expect(await registryProbe.run({ ...given, environment })).to.deep.equal({
      status: 'ok',
      detail: `${registry.host} accepts the credentials from auths (${home.home}/auth.json)`,
    });
  });

  it('tells credentials that the registry does not take', async () => {
    registry.login = { kind: 'basic', username: 'me', password: 'hunter2-right' };
    await logIn('hunter2-wrong');
    const [found] = await diagnose([registryProbe], context());
    expect(found).to.include({ status: 'failed', remedy: `run \`docker login ${registry.host}\`` });
    expect(found?.detail).to.contain(`${registry.host} rejected the credentials from auths`);
    expect(JSON.stringify(found)).not.to.contain('hunter2');
  });

  it('tells where it looked when there are none and the registry wants some', async () => {
    registry.login = { kind: 'basic', username: 'me', password: 'hunter2-right' };
    const [found] = await diagnose([registryProbe], context());
    expect(found?.status).to.equal('failed');
    expect(found?.detail).to.contain('none were found').and.contain(`looked in ${config()} (no such file)`);
  });

  it('does not claim credentials for good that the registry never asked for', async () => {
    await logIn('hunter2-untested');
    expect(await registryProbe.run(context())).to.deep.equal({
      status: 'ok',
      detail: `${registry.host} responds, and requires no credentials`,
    });
  });

  it('tells a registry that lets anyone in', async () => {
    registry.login = { kind: 'bearer', anonymous: true };
    expect(await registryProbe.run(context())).to.deep.equal({
      status: 'ok',
      detail: `${registry.host} accepts anonymous access`,
    });
  });

  it('tells a credential helper that is broken, even when all is well without it', async () => {
    await home.writeDockerConfig({ credHelpers: { [registry.host]: 'broken' } });
    const found = await registryProbe.run(context());
    expect(found.status).to.equal('ok');
    expect(found.detail)
      .to.match(new RegExp(`^${registry.host} responds, and requires no credentials; credHelpers broken \\(`))
      .and.contain('docker-credential-broken is not on PATH');
  });

  it('tells a registry that is not there', async () => {
    const gone = context();
    await registry.stop();
    const [found] = await diagnose([registryProbe], gone);
    expect(found).to.include({
      status: 'failed',
      remedy: 'check that the registry is running, and that the port is right',
    });
    expect(found?.detail).to.equal(`${registry.host} refused the connection`);
    registry = await FakeRegistry.start(new FakeClock());
  });

  it('is skipped where no registry is configured', async () => {
    const skipped = { status: 'skipped', detail: 'image.name is not set in kdeploy.yml' };
    expect(await registryProbe.run(inProject())).to.deep.equal(skipped);
    expect(await registryProbe.run(outsideOfProject())).to.deep.equal(skipped);
  });
});
