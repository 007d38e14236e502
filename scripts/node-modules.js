import { cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { LICENCE_FILE, licenceTexts } from './third-party-licences.js';

/** What Node reads of a package, and the licences; not types, source maps and pages. */
const READ = /\.(?:[cm]?js|json|proto|wasm)$|^(?:licen[cs]e|copying|notice)/i;

/** Folders that no package loads anything from when it is used. */
const UNUSED = /^(?:node_modules|\..*|(?:.*-)?tests?|__tests__|docs?|examples?|benchmarks?|coverage)$/i;
const UNUSED_FILE = /^(?:\..*|tests?(?:[-.].*)?\.[cm]?js|(?:package-lock|tsconfig.*)\.json)$/i;

/**
 * Copies packages and all that they need from node_modules into another folder, at the same places below it, as the lock
 * file has them. Optional ones stay behind: they hold machine code, and whoever names them goes without.
 */
export async function copyPackages(root, names, target) {
  const { packages } = JSON.parse(await readFile(path.join(root, 'package-lock.json'), 'utf8'));
  const found = new Set(names.map((name) => placeOf(packages, '', name)));
  for (const place of found) {
    for (const name of Object.keys(packages[place].dependencies ?? {}))
      // There is nothing in types for Node.
      if (!name.startsWith('@types/')) found.add(placeOf(packages, place, name));
  }
  for (const place of [...found].sort()) {
    const [from, to] = [path.join(root, place), path.join(target, place)];
    await copyRead(from, to);
    const hasLicence = (await readdir(to)).some((name) => LICENCE_FILE.test(name));
    if (!hasLicence) await writeFile(path.join(to, 'LICENSE'), `${(await licenceTexts(from)).join('\n\n')}\n`);
  }
}

/** Where Node finds a package that the one at `from` asks for: `node_modules/a/node_modules/b`, else `node_modules/b`. */
function placeOf(packages, from, name) {
  for (let folder = from; ; folder = folder.slice(0, Math.max(folder.lastIndexOf('node_modules/') - 1, 0))) {
    const place = path.posix.join(folder, 'node_modules', name);
    if (place in packages) return place;
    if (folder === '') throw new Error(`package-lock.json has no ${name}, which ${from} needs`);
  }
}

async function copyRead(folder, target) {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const [from, to] = [path.join(folder, entry.name), path.join(target, entry.name)];
    if (entry.isDirectory() && !UNUSED.test(entry.name)) await copyRead(from, to);
    if (!entry.isFile() || !READ.test(entry.name) || UNUSED_FILE.test(entry.name)) continue;
    await mkdir(target, { recursive: true });
    await cp(from, to);
  }
}
