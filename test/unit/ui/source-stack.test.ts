import { pathToFileURL } from 'node:url';
import { expect } from 'chai';
import { inSource } from '../../../src/ui/source-stack.js';
import { TemporaryFolder } from '../temporary-folder.js';

describe('a stack', () => {
  let folder: TemporaryFolder;

  before(async () => {
    folder = await TemporaryFolder.create();
    // The third line of src/project/yaml.ts is the first of the compiled file, and four columns further left.
    const map = { version: 3, sources: ['../src/project/yaml.ts'], names: [], mappings: 'AAEI' };
    await folder.write({
      'dist/kdeploy.js.map': JSON.stringify(map),
      'dist/damaged.js.map': '{"version":',
    });
  });

  after(() => folder.remove());

  const compiled = (file: string): string => pathToFileURL(folder.file(`dist/${file}`)).href;

  it('names places in the sources, whatever the files are called that they were compiled into', () => {
    const stack = `TypeError: no\n    at async parse (${compiled('kdeploy.js')}:1:1)\n    at ${compiled('kdeploy.js')}:1:3`;
    expect(inSource(stack)).to.equal(
      'TypeError: no\n    at async parse (src/project/yaml.ts:3:5)\n    at src/project/yaml.ts:3:5',
    );
  });

  const unchanged: readonly [what: string, stack: () => string][] = [
    ['a file without a map', () => `    at parse (${compiled('other.js')}:1:1)`],
    ['a file whose map is damaged', () => `    at parse (${compiled('damaged.js')}:1:1)`],
    ["Node's own files", () => '    at read (node:fs:1:1)'],
    [
      'a file of TypeScript, which is a source already',
      () => '    at parse (file:///home/ada/kdeploy/src/project/yaml.ts:3:5)',
    ],
    ['a message without a place', () => 'Error: no such file'],
  ];
  for (const [what, stack] of unchanged) {
    it(`keeps its line for ${what}`, () => {
      expect(inSource(stack())).to.equal(stack());
    });
  }
});
