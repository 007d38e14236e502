import { expect } from 'chai';
import { splitTag } from '../../../../src/config/settings/flags.js';
import { loadSettings } from '../../../../src/config/settings/load.js';
import type { SettingsFlags } from '../../../../src/config/settings/flags.js';
import { errorOf, problemsOf, projectOf } from './project-files.js';

const load = (flags: SettingsFlags) =>
  loadSettings({ source: projectOf({}), env: 'local', environmentVariables: {}, flags });

describe('flags', () => {
  it('set every key they have a name for', async () => {
    const settings = await load({
      image: 'a/b',
      tags: ['t'],
      baseImage: 'python:3.12',
      builder: 'engine',
      platform: 'linux/arm64',
      dockerfile: 'd/Dockerfile',
      uid: 1,
      gid: 2,
      buildArguments: ['A=x=y', 'B'],
      secrets: ['id=pip,env=PIP_INDEX_URL', 'type=file,id=netrc,src=.netrc'],
      trackingUri: 'https://mlflow.example.com',
      experimentName: 'e',
    });
    const { image, build, mlflow, runConfig } = settings;
    expect(image).to.deep.equal({
      name: 'a/b',
      tags: ['t'],
      base: 'python:3.12',
      builder: 'engine',
      platform: 'linux/arm64',
      dockerfile: 'd/Dockerfile',
      bytecode: true,
      layers: { budget: 50, gzip: 'members' },
      sbom: true,
    });
    expect(build).to.deep.equal({
      uid: 1,
      gid: 2,
      args: { A: 'x=y', B: null },
      secrets: [
        { id: 'pip', env: 'PIP_INDEX_URL' },
        { id: 'netrc', file: '.netrc' },
      ],
    });
    expect([mlflow.trackingUri, runConfig.experimentName]).to.deep.equal(['https://mlflow.example.com', 'e']);
  });

  it('take the tag of --image for a --tag', async () => {
    const { image } = await load({ image: '127.0.0.1:5000/x:v1' });
    expect([image.name, image.tags]).to.deep.equal(['127.0.0.1:5000/x', ['v1']]);
  });

  it('take no tag twice', async () => {
    expect((await problemsOf(load({ image: 'x:v1', tags: ['v2'] })))[0]?.where).to.equal('--image');
  });

  it('add build arguments to those of the files', async () => {
    const source = projectOf({ 'conf/base/kdeploy.yml': 'build: {args: {A: "1", B: "2"}}' });
    const settings = await loadSettings({
      source,
      env: 'local',
      environmentVariables: {},
      flags: { buildArguments: ['B=3'] },
    });
    expect(settings.build.args).to.deep.equal({ A: '1', B: '3' });
  });

  for (const text of ['hunter2', 'hunter2=', 'id=token,hunter2', 'id=token,value=hunter2', '']) {
    it(`refuse ${JSON.stringify(text)} as a build secret, without repeating it`, async () => {
      const error = await errorOf(load({ secrets: [text] }));
      expect(error.code).to.equal('usage');
      expect(`${error.message} ${error.hint ?? ''}`)
        .to.contain('--secret')
        .and.not.contain('hunter2');
    });
  }

  const images: readonly [text: string, name: string, tag?: string][] = [
    ['x', 'x'],
    ['x:v1', 'x', 'v1'],
    ['host:5000/x', 'host:5000/x'],
    ['host:5000/x:v1', 'host:5000/x', 'v1'],
    ['x@sha256:abc', 'x@sha256:abc'],
    ['x:', 'x', ''],
  ];
  for (const [text, name, tag] of images) {
    it(`split ${text} into ${name} and ${tag ?? 'no tag'}`, () => {
      expect(splitTag(text)).to.deep.equal(tag === undefined ? { name } : { name, tag });
    });
  }
});
