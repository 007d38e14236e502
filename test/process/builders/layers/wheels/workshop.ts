import type { Workshop } from '../../../../../src/builders/layers/wheels/build-wheel.js';
import { FolderCache } from '../../../../../src/cache/file-cache.js';
import type { TemporaryFolder } from '../../../../unit/temporary-folder.js';

/** Builds for an image that is as this machine says that it is. */
export function workshopIn(folder: TemporaryFolder, changes: Partial<Workshop> = {}): Workshop {
  return {
    cache: new FolderCache(folder.file('cache')),
    python: {
      ...{ version: '3.11.2', executable: '/usr/bin/python3.11', machine: 'x86_64' },
      libc: { kind: 'glibc', version: '2.36' },
    },
    host: { system: 'linux', machine: 'x64', libc: { kind: 'glibc', version: '2.36' } },
    uv: { program: 'uv' },
    buildPython: () => Promise.resolve('python3'),
    environment: { PATH: process.env.PATH, HOME: folder.file('home') },
    signal: new AbortController().signal,
    ...changes,
  };
}
