import { expect } from 'chai';
import fc from 'fast-check';
import { rebakeImage, type RebakeInput } from '../../../src/bake/rebake-image.js';
import { digestOf } from '../../../src/image/digest.js';
import type { Image } from '../../../src/image/image.js';
import { ImageReference } from '../../../src/image/reference.js';
import { rejection } from '../../support/rejection.js';
import { bakedSample, type Changes, LOCATIONS, TRACKING, VERSION } from './baked-sample.js';

const FROM = ImageReference.parse('registry.example.com/team/app').withDigest(digestOf('staging'));
const INPUT: RebakeInput = {
  tracking: { ...TRACKING, uri: 'https://production.example.com', mlflowFiles: ['conf/prod/mlflow.yml'] },
  env: 'prod',
  isDefaultEnv: false,
  confSource: 'conf',
  kdeployVersion: VERSION,
  imageName: 'registry.example.com/team/app:prod',
  from: FROM,
  allowUntested: false,
};

const rebake = (image: Image, changes: Partial<RebakeInput> = {}) =>
  rebakeImage(image, { ...INPUT, ...changes }, 'app:staging');

describe('baking an image again, as a value,', () => {
  it('exchanges kdeploy’s layer and what tells where to log, and nothing else', async () => {
    const image = bakedSample();
    const baked = await rebake(image);
    const digests = (each: Image) => each.layers.map(({ descriptor }) => descriptor.digest);
    expect([digests(baked)[0], digests(baked)[2]]).to.deep.equal([digests(image)[0], digests(image)[2]]);
    expect(digests(baked)[1]).not.to.equal(digests(image)[1]);
    const { run, ...rest } = baked.config.value;
    expect(run.env).to.include.members([
      'MLFLOW_TRACKING_URI=https://production.example.com',
      'KEDRO_ENV=prod',
      'KDEPLOY_GIT_REVISION=abc',
      'KDEPLOY_IMAGE=registry.example.com/team/app:prod',
    ]);
    expect(run.labels).to.include({
      own: '1',
      'io.kdeploy.env': 'prod',
      'io.kdeploy.self-test': 'sha256:subject',
      'io.kdeploy.locations': LOCATIONS,
      'io.kdeploy.baked-from': FROM.toString(),
      'org.opencontainers.image.revision': 'abc',
    });
    expect(run.entrypoint).to.deep.equal(['python', '-m', 'kdeploy_runtime', 'tini', '--']);
    const { history, created } = image.config.value;
    expect(rest).to.deep.include({ history, created });
    expect(baked.config.bytes.toString()).to.include('"Healthcheck":{"Test":["NONE"]}');
  });

  it('gives the same digest each time, and leaves an image alone that is baked so', async () => {
    const [once, again] = [await rebake(bakedSample()), await rebake(bakedSample())];
    expect(again.manifest.digest).to.equal(once.manifest.digest);
    const twice = await rebake(once, { from: FROM.withDigest(once.manifest.digest) });
    expect(twice.manifest.digest).to.equal(once.manifest.digest);
  });

  it('goes to production and back, however often', async () => {
    const image = bakedSample();
    const uris = fc.array(fc.constantFrom('https://a.example.com', 'https://b.example.com'), {
      minLength: 1,
      maxLength: 4,
    });
    await fc.assert(
      fc.asyncProperty(uris, async (hosts) => {
        const fresh = await rebake(image, { from: undefined, tracking: { ...INPUT.tracking, uri: hosts.at(-1)! } });
        let current = image;
        for (const uri of hosts)
          current = await rebake(current, { from: undefined, tracking: { ...INPUT.tracking, uri } });
        expect(current.manifest.digest).to.equal(fresh.manifest.digest);
        expect(current.layers.length).to.equal(image.layers.length);
      }),
      { numRuns: 25 },
    );
  });

  it('needs no verdict where the user does without', async () => {
    const { config } = await rebake(bakedSample({ labels: { 'io.kdeploy.self-test': undefined } }), {
      allowUntested: true,
    });
    expect(config.value.run.labels).not.to.have.property('io.kdeploy.self-test');
  });

  it('takes an image of an older kdeploy, and gives it this one’s runtime', async () => {
    const { config } = await rebake(bakedSample({ labels: { 'io.kdeploy.version': '1.2.2' } }));
    expect(config.value.run.labels['io.kdeploy.version']).to.equal(VERSION);
  });

  const refused: readonly (readonly [string, Changes, Partial<RebakeInput>, string])[] = [
    ['that kdeploy did not build', { labels: { 'io.kdeploy.plan': undefined } }, {}, 'was not built by kdeploy'],
    [
      'of a newer kdeploy',
      { labels: { 'io.kdeploy.version': '1.10.0' } },
      {},
      'kdeploy 1.10.0, which is newer than this one (1.2.3)',
    ],
    ['whose version is no version', { labels: { 'io.kdeploy.version': 'x' } }, {}, 'newer than this one'],
    [
      'whose entrypoint was replaced',
      { entrypoint: ['sh', '-c'] },
      {},
      'its entrypoint no longer starts with that of kdeploy',
    ],
    [
      'whose entrypoint was wrapped',
      { entrypoint: ['tini', '--', 'python', '-m', 'kdeploy_runtime'] },
      {},
      'no longer starts',
    ],
    [
      'whose tracking URI was replaced',
      { env: ['MLFLOW_TRACKING_URI=https://elsewhere'] },
      {},
      'its MLFLOW_TRACKING_URI is no longer the one',
    ],
    ['that was never self-tested', { labels: { 'io.kdeploy.self-test': undefined } }, {}, 'was never self-tested'],
    [
      'whose self-test does not cover the bake',
      {},
      { tracking: { ...INPUT.tracking, selfTestSubject: 'sha256:other' } },
      'changes more than addresses',
    ],
    ['without locations', { labels: { 'io.kdeploy.locations': '' } }, {}, 'does not record where its files are'],
    [
      'of a project with another folder of configuration',
      {},
      { confSource: 'settings' },
      'another folder of configuration than /home/kedro/settings',
    ],
    [
      'whose history was squashed',
      { history: [{ created_by: 'squash' }] },
      {},
      'its history no longer tells which layer is that of kdeploy',
    ],
  ];
  for (const [what, changes, input, message] of refused) {
    it(`refuses an image ${what}`, async () => {
      const error = await rejection(rebake(bakedSample(changes), input));
      expect(error.message).to.include(message);
      expect(error.code).to.equal('image-unusable');
      expect(error.hint).to.be.a('string');
    });
  }

  it('refuses what the Dockerfile contradicts, as a build does', async () => {
    const { env } = bakedSample().config.value.run;
    const error = await rejection(rebake(bakedSample({ env: [...env, 'MLFLOW_RUN_ID=1'] })));
    expect(error.code).to.equal('configuration');
  });
});
