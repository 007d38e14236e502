import type { BuildRequest } from '../../../src/builders/builder.js';

export function buildRequest(changes: Partial<BuildRequest> = {}): BuildRequest {
  return {
    project: '/project',
    tag: 'kdeploy-intermediate:1',
    dockerfile: 'Dockerfile',
    baseImage: null,
    uid: null,
    gid: null,
    platform: 'linux/amd64',
    buildArguments: [],
    secrets: [],
    ...changes,
  };
}
