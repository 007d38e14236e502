import { expect } from 'chai';
import { KdeployError } from '../../../src/errors.js';
import { parseReference, type ImageReference } from '../../../src/image/reference.js';
import { deployableImage, type DeployableParts } from '../../../src/inspect/deployable-image.js';
import type { RemoteImage } from '../../../src/places/registry/remote-image.js';
import { rejection } from '../../support/rejection.js';
import { sampleImage } from '../image/sample-image.js';
import { DIGEST, LABELS as BAKED_LABELS, remoteImage } from './remote-image.js';

const NAME = 'registry.example.com/team/app:v1';
const LABELS = {
  ...BAKED_LABELS,
  'io.kdeploy.tracking-uri': 'https://mlflow.example.com',
  'org.opencontainers.image.revision': 'abc123',
};

const remote = (reference: ImageReference, labels: Record<string, string> = LABELS): RemoteImage => {
  return remoteImage(reference, sampleImage([], { config: { Env: ['A=1'], Labels: labels } }));
};

const notFound = new KdeployError('image-not-found', 'the registry has no such image');
const absent: DeployableParts['readRemoteImage'] = () => Promise.reject(notFound);
const local = (found: boolean): DeployableParts['local'] => {
  const find = (name: string) => Promise.resolve(found && name === NAME ? ({ id: 'sha256:l' } as never) : undefined);
  return () => Promise.resolve({ find });
};

describe('an image that can be deployed', () => {
  it('is named by the digest under which its registry has it, with what is baked in', async () => {
    const parts: DeployableParts = { readRemoteImage: (asked) => Promise.resolve(remote(asked)), local: local(false) };
    const image = await deployableImage(parts, parseReference(NAME));
    expect(image.reference.toString()).to.equal(`registry.example.com/team/app@${DIGEST}`);
    expect(image).to.deep.include({ revision: 'abc123', source: null, env: ['A=1'] });
    expect(image.baked).to.include({ version: '0.1.0', trackingUri: 'https://mlflow.example.com' });
  });

  it('is one that kdeploy built', async () => {
    const parts: DeployableParts = {
      readRemoteImage: (asked) => Promise.resolve(remote(asked, {})),
      local: local(true),
    };
    const error = await rejection(deployableImage(parts, parseReference(NAME)));
    expect(error).to.include({ code: 'image-unusable', message: `the image ${NAME} was not built by kdeploy` });
    expect(error.exitCode).to.equal(2);
  });

  it('was pushed: one that is only here is told apart from one that does not exist', async () => {
    const parts = (found: boolean): DeployableParts => ({ readRemoteImage: absent, local: local(found) });
    const error = await rejection(deployableImage(parts(true), parseReference(NAME)));
    expect(error.message).to.equal(`the image ${NAME} is on this machine, but not in its registry`);
    expect(error.hint).to.equal('push it first: `kdeploy push`');
    expect(await rejection(deployableImage(parts(false), parseReference(NAME)))).to.equal(notFound);
  });

  it('is not looked up here where its digest is gone from the registry, or there is no engine', async () => {
    const never: DeployableParts['local'] = () => Promise.reject(new Error('asked'));
    const pinned = parseReference(NAME).withDigest(DIGEST);
    expect(await rejection(deployableImage({ readRemoteImage: absent, local: never }, pinned))).to.equal(notFound);
    const none: DeployableParts['local'] = () => Promise.resolve(undefined);
    expect(await rejection(deployableImage({ readRemoteImage: absent, local: none }, parseReference(NAME)))).to.equal(
      notFound,
    );
  });

  it('is not looked up here where the registry does not answer', async () => {
    const down = new KdeployError('registry-unreachable', 'no answer');
    const parts: DeployableParts = { readRemoteImage: () => Promise.reject(down), local: local(true) };
    expect(await rejection(deployableImage(parts, parseReference(NAME)))).to.equal(down);
  });
});
