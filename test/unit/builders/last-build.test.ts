import { expect } from 'chai';
import { lastBuild, rememberBuild } from '../../../src/builders/last-build.js';
import { StateFolder } from '../../../src/state-folder.js';
import { rejection } from '../../support/rejection.js';
import { TemporaryFolder } from '../temporary-folder.js';

describe('the last build of a project', () => {
  let folder: TemporaryFolder;
  let state: StateFolder;

  beforeEach(async () => {
    folder = await TemporaryFolder.create();
    state = new StateFolder(folder.path);
  });

  afterEach(async () => folder.remove());

  it('is remembered for each project by itself, the newest only', async () => {
    await rememberBuild(state, '/a', { id: 'sha256:1', tags: ['a:v1'], place: 'engine' });
    await rememberBuild(state, '/a', { id: 'sha256:2', tags: ['a:v1', 'a:latest'], place: 'engine' });
    await rememberBuild(state, '/b', { id: 'sha256:3', tags: ['b:v1'], place: 'engine' });
    expect(await lastBuild(state, '/a')).to.deep.equal({ id: 'sha256:2', tags: ['a:v1', 'a:latest'], place: 'engine' });
    expect(await lastBuild(state, '/b')).to.deep.equal({ id: 'sha256:3', tags: ['b:v1'], place: 'engine' });
    expect((await rejection(lastBuild(state, '/'))).code).to.equal('image-not-found');
  });

  it('says no more than it must of what it is given', async () => {
    const built = { id: 'sha256:1', tags: ['a:v1'], plan: 'p', size: 3, selfTest: 'passed', place: 'waiting' } as const;
    await rememberBuild(state, '/a', built);
    expect(await lastBuild(state, '/a')).to.deep.equal({ id: 'sha256:1', tags: ['a:v1'], place: 'waiting' });
  });

  for (const note of [{}, { id: 3, tags: [] }, { id: 'a' }, { id: 'a', tags: 'b' }, { id: 'a', tags: [] }, ['a']]) {
    it(`is unknown when its note is ${JSON.stringify(note)}`, async () => {
      await state.write('last-build', '/a', note);
      expect((await rejection(lastBuild(state, '/a'))).message).to.contain('not been built on this machine yet');
    });
  }
});
