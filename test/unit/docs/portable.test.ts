import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { Linter } from 'eslint';
import { parser } from 'typescript-eslint';
import { KINDS, portableRules } from '../../../eslint.portable.js';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const linter = new Linter({ cwd: root });

/** What is found in this file of src/, by the beginning of its message. */
function found(file: string, text: string, rules: Partial<Linter.Config> = portableRules): string[] {
  const messages = linter.verify(
    text,
    [{ ...rules, files: ['**/*.ts'], languageOptions: { parser, sourceType: 'module' } }] as Linter.Config[],
    { filename: path.join(root, file) },
  );
  expect(
    messages.filter(({ fatal }) => fatal),
    file,
  ).to.deep.equal([]);
  return messages.map(({ message }) => message.slice(0, message.indexOf(': ')));
}

describe('what Windows has in another way', () => {
  const files = readdirSync(path.join(root, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => `src/${name.replaceAll('\\', '/')}`);

  for (const { what, sample, handled, only } of KINDS) {
    it(`is refused by lint, but for the files that know about it: ${what}`, () => {
      const anywhere = files.find((file) => only?.test(file) !== false && !handled.includes(file)) ?? '';
      const elsewhere = KINDS.find((each) => each.what === what)?.elsewhere;
      const place = elsewhere?.test(anywhere) === true ? 'src/ui/x.ts' : anywhere;
      expect(found(place, sample), place).to.deep.equal([what]);
      for (const file of handled) expect(found(file, sample), file).to.deep.equal([]);
    });
  }

  const harmless = [
    "process.once('SIGINT', stop); child.kill('SIGKILL');",
    "const place = '/kdeploy'; const url = `https://host/tmp/x`; const way = 'tmp/x';",
    "const words = text.split('/'); const lines = text.split('\\n');",
    'const child = execa(program, []); const git = spawn(found, words); pattern.exec(text);',
    'const home = homedir(); const mode = header.mode;',
  ];
  for (const text of harmless) it(`is not ${text}`, () => expect(found('src/ui/x.ts', text)).to.deep.equal([]));

  it('leaves the paths of images and projects alone', () => {
    expect(found('src/project/dockerfile/x.ts', "const folder = '/home/kedro'; 'a:b'.split(':');")).to.deep.equal([]);
    expect(found('src/image/x.ts', "import { posix } from 'node:path';")).to.deep.equal([]);
    expect(found('src/image/x.ts', "import { join } from 'node:path';")).to.deep.equal(["this machine's paths"]);
  });

  it('is still in each of the files that are listed', () => {
    const [plugin] = Object.values(portableRules.plugins ?? {});
    expect(plugin, 'the rule').not.to.equal(undefined);
    for (const { what, handled } of KINDS)
      for (const file of handled) {
        // As a file that nobody has listed, in a room where the kind counts.
        const folder = KINDS.find((each) => each.what === what)?.only === undefined ? 'src/ui' : path.dirname(file);
        const copy = `${folder}/unlisted.ts`;
        expect(found(copy, readFileSync(path.join(root, file), 'utf8')), `${what} in ${file}`).to.include(what);
      }
  });
});
