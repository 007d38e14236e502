import { expect } from 'chai';
import { KdeployError } from '../../../src/errors.js';
import { imageAddress, outputAddress, registryTarget } from '../../../src/ui/image-address.js';

describe('how a user names an image', () => {
  it('is in its registry alone with --remote', () => {
    expect(imageAddress('team/app:v1', { remote: true }).place).to.equal('registry');
    expect(imageAddress('docker://team/app:v1', { remote: true }).place).to.equal('registry');
    expect(imageAddress('team/app:v1', { remote: false }).place).to.equal('anywhere');
  });

  for (const name of ['oci:dist', 'oci-archive:dist.tar', 'docker-archive:app.tar:v1'])
    it(`is a contradiction with --remote for ${name}`, () => {
      expect(() => imageAddress(name, { remote: true })).to.throw(KdeployError, '--remote looks in a registry');
    });
});

describe('where a user wants a result', () => {
  for (const [name, address] of [
    ['oci:dist', { transport: 'oci', path: 'dist' }],
    ['oci:dist:v1', { transport: 'oci', path: 'dist', name: 'v1' }],
    ['oci:./a b', { transport: 'oci', path: './a b' }],
    ['oci-archive:dist.tar', { transport: 'oci-archive', path: 'dist.tar' }],
    ['oci-archive:/tmp/dist:v1', { transport: 'oci-archive', path: '/tmp/dist', name: 'v1' }],
    ['oci-archive:dist.tar:team/app:v1', { transport: 'oci-archive', path: 'dist.tar', name: 'team/app:v1' }],
    ['oci:dist:1.2--rc_1+x', { transport: 'oci', path: 'dist', name: '1.2--rc_1+x' }],
  ] as const)
    it(`is ${name}`, () => {
      expect(outputAddress(name)).to.deep.equal(address);
    });

  for (const name of [
    'dist',
    './dist',
    'docker-archive:app.tar',
    'oci-archive:',
    'oci-archive:dist.tar:',
    `oci-archive:dist.tar@sha256:${'a'.repeat(64)}`,
    'OCI-archive:dist.tar',
    'oci-archives:dist.tar',
    'oci:dist:a b',
    'oci-archive:dist.tar:v1-',
    'oci-archive:dist.tar:-v1',
    'oci-archive:dist.tar:a---b',
    'oci-archive:dist.tar:ä',
    'docker://registry.example.com/team/app:v1',
    'registry.example.com/team/app:v1',
    `oci:dist@sha256:${'a'.repeat(64)}`,
    'OCI:dist',
    'oci:',
  ])
    it(`is not ${name}`, () => {
      expect(() => outputAddress(name)).to.throw(KdeployError);
    });
});

describe('where a copy goes', () => {
  it('is a name in a registry, with a tag only if the user says one', () => {
    const target = registryTarget('registry.example.com/team/app');
    expect([target.toFamiliarString(), target.tag]).to.deep.equal(['registry.example.com/team/app', undefined]);
  });

  it('may be named as skopeo does it', () => {
    expect(registryTarget('docker://registry.example.com/team/app:v1').toFamiliarString()).to.equal(
      'registry.example.com/team/app:v1',
    );
    expect(registryTarget('docker://team/app').tag).to.equal(undefined);
  });

  for (const name of ['oci:dist:v1', 'oci-archive:dist.tar', 'docker-archive:app.tar:v1'])
    it(`is not ${name}, and says what writes there`, () => {
      expect(() => registryTarget(name)).to.throw(KdeployError, `copies into a registry, but "${name}"`);
    });
});
