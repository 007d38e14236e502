import { expect } from 'chai';
import { authFiles } from '../../../../../src/places/registry/credentials/auth-files.js';

/** containers-auth.json(5), and what `podman login` and `docker login` do with these variables. */
describe('the files with credentials', () => {
  const filesOf = (env: NodeJS.ProcessEnv, podman: boolean, uid?: number): string[] =>
    authFiles({ env, home: '/home/me', podman, uid }).map(({ file }) => file);
  const DOCKER = '/home/me/.docker/config.json';
  const PODMAN = '/home/me/.config/containers/auth.json';
  const LEGACY = '/home/me/.dockercfg';

  const table: readonly [name: string, env: NodeJS.ProcessEnv, uid: number | undefined, podman: string[]][] = [
    ['are in the home folder without a session, on a Mac', {}, undefined, [PODMAN]],
    ['are in the folder of the user without a session, on Linux', {}, 1000, ['/run/containers/1000/auth.json', PODMAN]],
    ['are root’s', {}, 0, ['/run/containers/0/auth.json', PODMAN]],
    ['are in the session', { XDG_RUNTIME_DIR: '/run/user/7' }, 7, ['/run/user/7/containers/auth.json', PODMAN]],
    ['may have moved', { XDG_CONFIG_HOME: '/c', XDG_RUNTIME_DIR: '' }, undefined, ['/c/containers/auth.json']],
    ['are one where it is named', { REGISTRY_AUTH_FILE: '/x.json', XDG_RUNTIME_DIR: '/run/user/7' }, 7, ['/x.json']],
  ];
  for (const [name, env, uid, podman] of table) {
    it(`${name}, Podman’s before Docker’s or after them`, () => {
      expect(filesOf(env, true, uid)).to.deep.equal([...podman, DOCKER, LEGACY]);
      expect(filesOf(env, false, uid)).to.deep.equal([DOCKER, ...podman, LEGACY]);
    });
  }

  it('are Docker’s first for Podman as well where DOCKER_CONFIG is set and REGISTRY_AUTH_FILE is not', () => {
    const env = { DOCKER_CONFIG: '/d' };
    expect(filesOf(env, true)).to.deep.equal(['/d/config.json', PODMAN, LEGACY]);
    expect(filesOf({ ...env, REGISTRY_AUTH_FILE: '/x' }, true)).to.deep.equal(['/x', '/d/config.json', LEGACY]);
  });
});
