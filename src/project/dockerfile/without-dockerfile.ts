import type { DependencySource } from '../python/dependency-source.js';
import { kedroDockerTemplate, type Dockerfile, type Install } from './dockerfile.js';

/**
 * What the builder layers makes, in the words of a Dockerfile, so that the checks ask the same of it: kedro-docker's image, with the
 * packages of the file that decides.
 */
export function withoutDockerfile(baseImage: string | null, decides: DependencySource): Dockerfile {
  return {
    ...kedroDockerTemplate('Dockerfile', baseImage, true),
    installs: [installOf(decides)],
    projectCopies: [{ line: 0, sources: ['.'], destination: '/home/kedro_docker' }],
    // uv reads the requirements in the project itself, with all that they include.
    missingInclude: () => Promise.resolve(undefined),
  };
}

function installOf({ kind, file }: DependencySource): Install {
  const place = { file };
  switch (kind) {
    case 'requirements':
      return { kind: 'requirements-file', file, exists: true, place };
    case 'pyproject':
      return { kind: 'project', extras: [], place };
    case 'poetry.lock':
      return { kind: 'lock-file', tool: 'poetry', withoutDefaultGroups: true, place };
    case 'uv.lock':
      // That of a workspace is outside of the project.
      if (file === 'uv.lock')
        return { kind: 'lock-file', tool: 'uv', withoutDefaultGroups: true, stale: 'refused', place };
      return { kind: 'opaque', what: file, place };
    case 'pylock.toml':
      return { kind: 'opaque', what: file, place };
  }
}
