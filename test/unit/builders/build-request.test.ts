import { expect } from 'chai';
import { buildRequest, readSecret } from '../../../src/builders/build-request.js';
import type { Settings } from '../../../src/config/settings/settings.js';
import { rejection } from '../../support/rejection.js';
import { TemporaryFolder } from '../temporary-folder.js';
import { projectOf, settings } from './projects.js';

describe('a build request', () => {
  let folder: TemporaryFolder;

  beforeEach(async () => {
    folder = await TemporaryFolder.create();
  });

  afterEach(async () => folder.remove());

  const request = (
    build: Partial<Settings['build']>,
    environment: NodeJS.ProcessEnv = {},
    image: Partial<Settings['image']> = {},
  ) => buildRequest(projectOf(folder.path), settings(image, build), environment);

  it('says all that a builder needs', async () => {
    const image = { base: 'python:3.12', platform: 'linux/arm64', dockerfile: 'docker/Dockerfile' };
    const { tag, ...rest } = await request({ uid: 1000, gid: 7, args: { A: '1' } }, {}, image);
    expect(rest).to.deep.equal({
      project: folder.path,
      dockerfile: 'docker/Dockerfile',
      baseImage: 'python:3.12',
      uid: 1000,
      gid: 7,
      platform: 'linux/arm64',
      buildArguments: [{ name: 'A', value: '1' }],
      secrets: [],
    });
    expect(tag).to.match(/^kdeploy-intermediate:[0-9a-f]{12}-\d+-\d+-[0-9a-f]{12}$/);
  });

  it('has a tag of its own each time: two builds at once must not meet', async () => {
    expect((await request({})).tag).not.to.equal((await request({})).tag);
  });

  it('leaves open what the settings leave open', async () => {
    expect(await request({})).to.deep.include({ baseImage: null, uid: null, gid: null });
  });

  describe('with build arguments', () => {
    const valueOf = async (given: string | null, environment: NodeJS.ProcessEnv) =>
      (await request({ args: { TOKEN: given } }, environment)).buildArguments;

    const cases: readonly [what: string, given: string | null, environment: NodeJS.ProcessEnv, value: string][] = [
      ['takes the value that is given', 'given', { TOKEN: 'shell' }, 'given'],
      ['takes an empty value for one', '', { TOKEN: 'shell' }, ''],
      ['takes the shell’s value where none is given', null, { TOKEN: 'shell' }, 'shell'],
      ['takes the shell’s empty value for one', null, { TOKEN: '' }, ''],
      ['keeps a value as it is', 'a=b "c" $D', {}, 'a=b "c" $D'],
    ];
    for (const [what, given, environment, value] of cases) {
      it(what, async () => {
        expect(await valueOf(given, environment)).to.deep.equal([{ name: 'TOKEN', value }]);
      });
    }

    it('refuses one that the shell shall give and has not, instead of building without it', async () => {
      const error = await rejection(valueOf(null, { TOKENS: 'hunter2-other' }));
      expect(error).to.include({
        code: 'configuration',
        message: 'the build argument TOKEN has no value, and the variable TOKEN is not set',
        hint: 'set it (`export TOKEN=…`), or pass --build-arg TOKEN=VALUE',
      });
    });
  });

  describe('with secrets', () => {
    it('says where they are, and not what they are', async () => {
      await folder.write({ 'pip.conf': 'hunter2-file' });
      const secrets = [
        { id: 'pip', file: 'pip.conf' },
        { id: 'absolute', file: folder.file('pip.conf') },
        { id: 'token', env: 'TOKEN' },
      ];
      const made = await request({ secrets }, { TOKEN: 'hunter2-variable' });
      expect(made.secrets).to.deep.equal([
        { id: 'pip', file: folder.file('pip.conf') },
        { id: 'absolute', file: folder.file('pip.conf') },
        { id: 'token', env: 'TOKEN' },
      ]);
      expect(JSON.stringify(made)).not.to.contain('hunter2');
    });

    it('refuses one whose variable is not set', async () => {
      const error = await rejection(request({ secrets: [{ id: 'token', env: 'TOKEN' }] }, { TOKENS: 'hunter2-other' }));
      expect(error).to.include({
        code: 'configuration',
        message: 'the build secret token is read from the variable TOKEN, which is not set',
      });
    });

    it('refuses one whose file is not there', async () => {
      const error = await rejection(request({ secrets: [{ id: 'pip', file: 'none/pip.conf' }] }));
      expect(error).to.include({
        code: 'configuration',
        message: 'the file of the build secret pip cannot be read: none/pip.conf',
      });
      expect(error.cause).to.have.property('code', 'ENOENT');
    });

    it('hands their bytes out unchanged, to whoever mounts them', async () => {
      const bytes = Buffer.from([0, 255, 10]);
      await folder.write({ key: bytes });
      expect(await readSecret({ id: 'a', file: folder.file('key') }, {})).to.deep.equal(bytes);
      expect(await readSecret({ id: 'a', env: 'TOKEN' }, { TOKEN: 'ä\n' })).to.deep.equal(Buffer.from('ä\n'));
      expect(await readSecret({ id: 'a', env: 'TOKEN' }, {})).to.deep.equal(Buffer.alloc(0));
    });
  });
});
