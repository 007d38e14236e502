import { posix } from 'node:path';
import type { Dockerfile } from '../dockerfile/dockerfile.js';
import type { RequirementsProblem } from './declaration.js';
import type { Requirements } from './requirements-file.js';

/** Nobody installs, and includes, so many files. */
const MAXIMUM_QUESTIONS = 2000;

/** Files that installed requirements files include and that the Dockerfile does not copy beside them: pip stops there. */
export async function missingIncludes(
  dockerfile: Dockerfile,
  read: (file: string) => Promise<Requirements | undefined>,
): Promise<RequirementsProblem[]> {
  const found = new Map<string, RequirementsProblem>();
  let questions = 0;
  for (const install of dockerfile.installs) {
    if (install.kind !== 'requirements-file' || !install.exists) continue;
    for (const { file, place } of (await read(install.file))?.includes ?? []) {
      if (++questions > MAXIMUM_QUESTIONS) return [...found.values()];
      const path = await dockerfile.missingInclude(install, file);
      const key = `${place.file}:${place.line ?? ''}`;
      if (path === undefined || found.has(key)) continue;
      found.set(key, {
        kind: 'not-copied',
        message: dockerfile.isTemplate
          ? `${key} includes ${file}, but kedro docker's Dockerfile copies only ${install.file}: pip would not find it`
          : `${key} includes ${file}, but nothing is copied to ${path} in the image: pip would not find it`,
        remedy: dockerfile.isTemplate
          ? `move the contents of ${file} to ${install.file}; or create your own Dockerfile (kedro docker init) and copy both files in it`
          : `in ${dockerfile.file}, copy ${file} to ${posix.dirname(path)}/ before line ${install.place.line ?? 1}`,
        place,
      });
    }
  }
  return [...found.values()];
}
