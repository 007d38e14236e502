import { expect } from 'chai';
import { creationTime, originOf } from '../../../src/builders/origin.js';
import type { GitRepository } from '../../../src/git/repository.js';
import { projectOf } from './projects.js';

const REPOSITORY: GitRepository = {
  root: '/project',
  revision: 'a'.repeat(40),
  shortRevision: 'a'.repeat(12),
  branch: 'main',
  dirty: false,
  remoteUrl: 'https://git.example.com/team/flights',
};

describe('where an image comes from', () => {
  const of = (changes: Partial<Parameters<typeof originOf>[0]> = {}) =>
    originOf({
      project: projectOf('/project', undefined, { projectVersion: '1.2' }),
      repository: REPOSITORY,
      baseName: 'python:3.11-slim',
      baseDigest: 'sha256:base',
      created: '1970-01-01T00:00:00.000Z',
      ...changes,
    });

  it('is told in full, the base image by its full name', () => {
    expect(of()).to.deep.equal({
      created: '1970-01-01T00:00:00.000Z',
      title: 'Flights',
      revision: 'a'.repeat(40),
      source: 'https://git.example.com/team/flights',
      version: '1.2',
      baseName: 'docker.io/library/python:3.11-slim',
      baseDigest: 'sha256:base',
    });
  });

  it('is told only as far as it is known', () => {
    const project = projectOf('/project');
    expect(of({ project, repository: undefined, baseName: undefined, baseDigest: undefined })).to.deep.equal({
      created: '1970-01-01T00:00:00.000Z',
      title: 'Flights',
    });
    expect(of({ baseName: 'scratch', baseDigest: undefined })).not.to.have.property('baseName');
    const fresh = { ...REPOSITORY, revision: undefined, remoteUrl: undefined };
    expect(of({ repository: fresh })).not.to.have.any.keys('revision', 'source');
  });

  it('is not the commit where there are changes', () => {
    expect(of({ repository: { ...REPOSITORY, dirty: true } }).revision).to.equal(`${'a'.repeat(40)}-dirty`);
  });

  it('is the time that SOURCE_DATE_EPOCH gives', () => {
    expect(creationTime({ SOURCE_DATE_EPOCH: '1700000000' })).to.equal('2023-11-14T22:13:20.000Z');
  });

  for (const epoch of [undefined, '', 'now', '1e3', '-1', '1.5', '253402300800', '99999999999999999999']) {
    it(`is now when SOURCE_DATE_EPOCH is ${epoch === undefined ? 'not set' : JSON.stringify(epoch)}`, () => {
      const created = creationTime(epoch === undefined ? {} : { SOURCE_DATE_EPOCH: epoch });
      expect(Math.abs(Date.parse(created) - Date.now())).to.be.lessThan(60_000);
    });
  }
});
