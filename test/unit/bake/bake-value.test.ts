import { expect } from 'chai';
import { gunzipSync } from 'node:zlib';
import { bakeValue } from '../../../src/bake/bake-value.js';
import { planBake, type BakePlan } from '../../../src/image/bake-plan.js';
import { isBakeStep } from '../../../src/image/bake-step.js';
import type { Layer } from '../../../src/image/layer.js';
import { parseLocations, type Locations } from '../../../src/image/locations.js';
import { MEDIA_TYPES } from '../../../src/image/manifest.js';
import { rejection } from '../../support/rejection.js';
import { sampleImage } from '../image/sample-image.js';
import { TRACKING, VERSION } from './baked-sample.js';
import { tarEntries } from './tar-entries.js';

const folder = { uid: 0, gid: 0, mode: 0o755, mtime: 1 };
const HOME = '/home/kedro_docker';
const LOCATIONS: Locations = {
  owner: { uid: 999, gid: 0 },
  // The working directory is a link in this image.
  real: { [`${HOME}/conf`]: '/data/home/conf', '/opt/kdeploy/lib': '/opt/kdeploy/lib' },
  sitePackages: ['/opt/venv/lib/python3.11/site-packages'],
  folders: Object.fromEntries(
    [
      ...['/opt', '/opt/venv', '/opt/venv/lib', '/opt/venv/lib/python3.11', '/opt/venv/lib/python3.11/site-packages'],
      ...['/data', '/data/home', '/data/home/conf'],
    ].map((path) => [path, folder]),
  ),
};
const RUN = {
  Env: ['PATH=/opt/venv/bin:/bin', 'KEPT=1'],
  ...{ Cmd: ['kedro', 'run'], WorkingDir: HOME, User: 'kedro_docker', Labels: { own: '1' } },
  Healthcheck: { Test: ['NONE'] },
};
const IMAGE = sampleImage(['base', 'project'], {
  ...{ created: '2026-01-02T03:04:05Z', config: RUN, history: [{ created_by: 'ADD' }, { created_by: 'COPY . .' }] },
});

const plan = (tracking: typeof TRACKING = TRACKING): BakePlan =>
  planBake({
    ...{ image: IMAGE.config.value.run, kdeployVersion: VERSION, env: 'local', tracking, isSelfTested: true },
    ...{ imageName: 'registry.example.com/team/app:staging', origin: { created: '2026-01-02T03:04:05Z' } },
  });

const bake = (changes: Partial<Locations> = {}, planned = plan()) =>
  bakeValue(IMAGE, planned, { ...LOCATIONS, ...changes }, 'sample:v1');

async function filesOf(layer: Layer | undefined): Promise<string[]> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of layer?.open() ?? []) chunks.push(chunk);
  return (await tarEntries(gunzipSync(Buffer.concat(chunks)))).map(({ header: { name } }) => `/${name}`);
}

describe('baking an image that is a value', () => {
  it('adds one layer with its step, and changes no other', async () => {
    const baked = await bake();
    expect(baked.layers).to.have.length(3);
    expect(baked.layers.slice(0, 2)).to.deep.equal(IMAGE.layers);
    expect(baked.layers[2]?.descriptor.mediaType).to.equal(MEDIA_TYPES.ociLayerGzip);
    const { history, rootfs } = baked.config.value;
    expect(history?.map(isBakeStep)).to.deep.equal([false, false, true]);
    expect(rootfs.diffIds).to.deep.equal(baked.layers.map(({ diffId }) => diffId));
    expect(baked.manifest.value.layers).to.deep.equal(baked.layers.map(({ descriptor }) => descriptor));
  });

  it('puts the files where their folders really are, and a path file for each site-packages', async () => {
    const files = await filesOf((await bake()).layers[2]);
    expect(files).to.include.members([
      ...['/data/home/conf/local/mlflow.yml', '/opt/kdeploy/lib/kdeploy_runtime/a.py'],
      '/opt/venv/lib/python3.11/site-packages/kdeploy.pth',
    ]);
    expect(files.filter((name) => name.startsWith('/home'))).to.deep.equal([]);
  });

  it('has the plan’s way to run it and labels, with the locations for the next bake, and keeps the rest', async () => {
    const { config } = await bake();
    const { configuration } = plan();
    expect(config.value.run).to.deep.include({
      ...{ env: configuration.env, entrypoint: configuration.entrypoint, cmd: configuration.cmd },
      ...{ workingDirectory: HOME, user: 'kedro_docker' },
    });
    expect(config.value.run.labels).to.deep.include({ own: '1', ...configuration.labels });
    expect(parseLocations(config.value.run.labels['io.kdeploy.locations'])).to.deep.equal(LOCATIONS);
    expect(JSON.parse(config.bytes.toString('utf8'))).to.have.nested.property('config.Healthcheck.Test[0]', 'NONE');
  });

  it('gives the same digest each time, and another one for another address', async () => {
    const { digest } = (await bake()).manifest;
    expect((await bake()).manifest.digest).to.equal(digest);
    const elsewhere = await bake({}, plan({ ...TRACKING, uri: 'https://production.example.com' }));
    expect(elsewhere.manifest.digest).not.to.equal(digest);
  });

  it('refuses an image without a folder that the plan needs, be it by its real path', async () => {
    const { folders: all } = LOCATIONS;
    const folders = Object.fromEntries(Object.entries(all).filter(([path]) => path !== '/data/home/conf'));
    const error = await rejection(bake({ folders }));
    expect(error.code).to.equal('bake-failed');
    expect(error.message).to.equal(plan().needs[0]?.otherwise);
    expect(error.hint).to.contain('.dockerignore');
  });
});
