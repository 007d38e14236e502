import { inByteOrder } from './byte-order.js';

/**
 * The outermost things that belong to one wheel alone, as paths in the image: a package with an `__init__` (`numpy`,
 * `google/cloud/storage`), or a file that is in none, such as a module, a script, or a library in `numpy.libs`. Two wheels
 * can have a file at the same path only if one of the first's is one of the second's, or is in it, or the other way round.
 */
export function topLevels(paths: readonly string[], sitePackages: string): string[] {
  const packages = new Set(
    paths.filter((path) => /\/__init__\.[^/]+$/.test(path)).map((path) => path.slice(0, path.lastIndexOf('/'))),
  );
  return [...new Set(paths.map((path) => topLevelOf(path, sitePackages, packages)))].sort(inByteOrder);
}

function topLevelOf(path: string, sitePackages: string, packages: ReadonlySet<string>): string {
  if (!path.startsWith(`${sitePackages}/`)) return path;
  for (let end = path.indexOf('/', sitePackages.length + 1); end !== -1; end = path.indexOf('/', end + 1)) {
    const folder = path.slice(0, end);
    if (packages.has(folder)) return folder;
  }
  return path;
}
