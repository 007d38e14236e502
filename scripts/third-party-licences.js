import { readFile, readdir } from 'node:fs/promises';
import path from 'node:path';

/** Those that ask for no more than their text. With another one a package has to stay out of the bundle. */
const ALLOWED = new Set(['0BSD', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'BlueOak-1.0.0', 'ISC', 'MIT']);

export const LICENCE_FILE = /^(?:licen[cs]e|copying)/i;

/**
 * The licences of the packages that a bundle holds, as one text: theirs ask that copies carry them.
 * `inputs` are the bundle's files, relative to `root`. Throws for a package whose licence
 * is another one than those above.
 */
export async function thirdPartyLicences(root, inputs) {
  const folders = new Set(inputs.map(packageFolder).filter((folder) => folder !== undefined));
  const sections = await Promise.all([...folders].sort().map((folder) => section(path.join(root, folder))));
  return `kdeploy contains these packages.\n\n${[...new Set(sections)].sort().join('\n')}`;
}

/** `node_modules/a/node_modules/@b/c/lib/d.js` -> `node_modules/a/node_modules/@b/c` */
function packageFolder(file) {
  return /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0];
}

async function section(folder) {
  const { name, version, license } = JSON.parse(await readFile(path.join(folder, 'package.json'), 'utf8'));
  if (!ALLOWED.has(license)) {
    throw new Error(`${name} has the licence ${license}: name it in \`external\`, in scripts/bundle.js`);
  }
  const texts = await licenceTexts(folder);
  return [`== ${name} ${version} (${license})`, ...texts, ''].join('\n\n');
}

/** Of a package: out of its files, else out of its README. */
export async function licenceTexts(folder) {
  const names = (await readdir(folder)).sort();
  const read = async (name) => (await readFile(path.join(folder, name), 'utf8')).trim();
  const files = names.filter((name) => LICENCE_FILE.test(name));
  if (files.length > 0) return Promise.all(files.map(read));
  const readme = names.find((name) => /^readme/i.test(name));
  const section =
    readme === undefined ? undefined : /^(?:#+ *)?licen[cs]e\b[^]*copyright[^]*/im.exec(await read(readme));
  return [section?.[0] ?? (await usualText(folder))];
}

/** Some packages name a licence and forget its text (split-ca), which is to travel with copies all the same. */
async function usualText(folder) {
  const { name, author, license } = JSON.parse(await readFile(path.join(folder, 'package.json'), 'utf8'));
  if (license !== 'ISC') throw new Error(`${name} has no file with its licence, ${license}`);
  const holder = typeof author === 'string' ? author : (author?.name ?? `the authors of ${name}`);
  return `Copyright (c) ${holder}

Permission to use, copy, modify, and/or distribute this software for any purpose with or without fee is hereby granted,
provided that the above copyright notice and this permission notice appear in all copies.

THE SOFTWARE IS PROVIDED "AS IS" AND THE AUTHOR DISCLAIMS ALL WARRANTIES WITH REGARD TO THIS SOFTWARE INCLUDING ALL IMPLIED
WARRANTIES OF MERCHANTABILITY AND FITNESS. IN NO EVENT SHALL THE AUTHOR BE LIABLE FOR ANY SPECIAL, DIRECT, INDIRECT, OR
CONSEQUENTIAL DAMAGES OR ANY DAMAGES WHATSOEVER RESULTING FROM LOSS OF USE, DATA OR PROFITS, WHETHER IN AN ACTION OF CONTRACT,
NEGLIGENCE OR OTHER TORTIOUS ACTION, ARISING OUT OF OR IN CONNECTION WITH THE USE OR PERFORMANCE OF THIS SOFTWARE.`;
}
