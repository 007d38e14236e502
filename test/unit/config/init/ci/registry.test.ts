import { expect } from 'chai';
import { loginKey, registryOf } from '../../../../../src/config/init/ci/registry.js';
import { KdeployError } from '../../../../../src/errors.js';
import { parseReference } from '../../../../../src/image/reference.js';

describe('the registry that a pipeline logs in to', () => {
  const of = (image: string) => registryOf(parseReference(image));

  const table: readonly [image: string, registry: object][] = [
    ['europe-docker.pkg.dev/acme/ml/app', { kind: 'google', project: 'acme', location: 'europe', repository: 'ml' }],
    [
      'us-central1-docker.pkg.dev/acme/ml/team/app',
      { kind: 'google', project: 'acme', location: 'us-central1', repository: 'ml' },
    ],
    ['gcr.io/acme/app', { kind: 'google', project: 'acme', location: 'us', repository: 'gcr.io' }],
    ['us.gcr.io/acme/app', { kind: 'google', project: 'acme', location: 'us', repository: 'us.gcr.io' }],
    ['eu.gcr.io/acme/app', { kind: 'google', project: 'acme', location: 'europe', repository: 'eu.gcr.io' }],
    ['asia.gcr.io/acme/app', { kind: 'google', project: 'acme', location: 'asia', repository: 'asia.gcr.io' }],
    ['123456789012.dkr.ecr.eu-west-1.amazonaws.com/app', { kind: 'aws', region: 'eu-west-1', isPublic: false }],
    ['123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn/app', { kind: 'aws', region: 'cn-north-1', isPublic: false }],
    ['public.ecr.aws/acme/app', { kind: 'aws', region: 'us-east-1', isPublic: true }],
    ['acme.azurecr.io/app', { kind: 'azure', name: 'acme' }],
    ['ghcr.io/acme/app', { kind: 'github' }],
    ['acme/app', { kind: 'password', host: 'docker.io' }],
    ['registry.gitlab.com/acme/app', { kind: 'password' }],
    // Somebody else's, however much they look like a cloud's.
    ['gcr.io.example.com/acme/app', { kind: 'password' }],
    ['notgcr.io/acme/app', { kind: 'password' }],
    ['docker.pkg.dev/acme/ml/app', { kind: 'password' }],
    ['123456789012.dkr.ecr.eu-west-1.amazonaws.com.example.com/app', { kind: 'password' }],
    ['12345.dkr.ecr.eu-west-1.amazonaws.com/app', { kind: 'password' }],
    ['azurecr.io/app', { kind: 'password' }],
    ['acme.azurecr.io.example.com/app', { kind: 'password' }],
    ['ghcr.io.example.com/app', { kind: 'password' }],
    ['localhost.example.com/app', { kind: 'password' }],
    ['1270.example.com/app', { kind: 'password' }],
  ];
  for (const [image, registry] of table) {
    it(`${image} is at ${JSON.stringify(registry)}`, () => expect(of(image)).to.deep.include(registry));
  }

  for (const image of ['localhost/app', 'localhost:5000/app', '127.0.0.1:5000/app', '[::1]:5000/app']) {
    it(`${image} is refused, because no CI service reaches this machine`, () => {
      expect(() => of(image))
        .to.throw(KdeployError, 'which a CI service cannot reach')
        .with.property('code', 'usage');
    });
  }

  it('keeps the login for Docker Hub where docker looks for it', () => {
    expect(loginKey(of('acme/app'))).to.equal('https://index.docker.io/v1/');
    expect(loginKey(of('registry.example.com:5000/app'))).to.equal('registry.example.com:5000');
  });
});
