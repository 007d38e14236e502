import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { ESLint } from 'eslint';
import { roomRules, ROOMS } from '../../../eslint.rooms.js';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const allowed = new Map(Object.entries(ROOMS));

/** How many times what is restricted in this file of src/ is used. */
async function refusals(file: string, text: string): Promise<number> {
  // As the configuration has it for this file, without the rules that need its types.
  const lint = new ESLint({ cwd: root });
  const { rules = {} } = (await lint.calculateConfigForFile(`${root}/src/${file}`)) as { rules?: object };
  const own = Object.entries(rules).filter(([name]) => name.startsWith('no-restricted-'));
  const overrideConfig = [{ files: ['**/*.ts'], rules: Object.fromEntries(own) }];
  const [result] = await new ESLint({ cwd: root, overrideConfigFile: true, overrideConfig }).lintText(text, {
    filePath: `${root}/src/${file}`,
  });
  return result?.errorCount ?? 0;
}

describe('the rooms of the house', () => {
  const refused = async (file: string, text: string): Promise<boolean> => (await refusals(file, text)) === 1;

  it('are all in the list of what may import what', () => {
    const folders = (folder: string): string[] =>
      readdirSync(`${root}/src/${folder}`, { withFileTypes: true })
        .filter((entry) => entry.isDirectory())
        .map(({ name }) => `${folder}${name}`);
    const rooms = folders('').flatMap((name) => (name === 'places' ? folders('places/') : [name]));
    expect([...allowed.keys()].sort()).to.deep.equal(rooms.sort());
  });

  it('import each other in one direction only', () => {
    const circle = (room: string, way: readonly string[]): readonly string[] | undefined => {
      if (way.includes(room)) return [...way, room];
      for (const next of allowed.get(room) ?? []) {
        const found = circle(next, [...way, room]);
        if (found !== undefined) return found;
      }
      return undefined;
    };
    for (const room of allowed.keys()) expect(circle(room, []), room).to.equal(undefined);
  });

  it('write files through one guarded way, which lint sees to', async () => {
    for (const file of ['x.ts', 'config/init/x.ts', 'hook/push/x.ts']) {
      expect(await refused(file, "import { readFile, writeFile } from 'node:fs/promises';"), file).to.equal(true);
      expect(await refused(file, "import { renameSync } from 'node:fs';"), file).to.equal(true);
      expect(await refused(file, "await open(path, 'wx');"), file).to.equal(true);
      expect(await refused(file, "await open(path, 'r'); await fs.readFile(path);"), file).to.equal(false);
      expect(await refused(file, "import { readFile } from 'node:fs/promises';"), file).to.equal(false);
    }
    for (const file of ['guarded-folder.ts', 'hook/push/exported-project.ts'])
      expect(await refused(file, "import { writeFile } from 'node:fs/promises';"), file).to.equal(false);
    expect(
      await refused('hook/push/exported-project.ts', "import { a } from '../../places/engine/images.js';"),
    ).to.equal(true);
  });

  it('compress nothing by zlib, whose bytes differ between machines (nodejs/node#33610), and with them layers', async () => {
    const refusing = [
      "import { gzipSync } from 'node:zlib';",
      "import { deflateRaw } from 'zlib';",
      "import * as zlib from 'node:zlib';",
      "const { createGzip } = await import('node:zlib');",
      "const { createDeflateRaw: create } = process.getBuiltinModule('node:zlib');",
      'zlib.brotliCompressSync(bytes);',
      "import { createZstdCompress } from 'node:zlib';",
    ];
    const files = ['builders/layers/pack/x.ts', 'image/x.ts', 'bake/x.ts', 'cache/file-cache.ts'];
    for (const file of files) {
      for (const text of refusing) expect(await refusals(file, text), `${file}: ${text}`).to.be.greaterThan(0);
      const reading = "import { crc32, createGunzip, createInflateRaw, inflateRawSync } from 'node:zlib';";
      expect(await refusals(file, reading), file).to.equal(0);
      expect(await refusals(file, "import { deflate } from './deflate.js'; const gzip = deflate(bytes);")).to.equal(0);
    }
  });

  it('are kept apart by lint in one folder as well', async () => {
    const lint = new ESLint({ cwd: root });
    const { rules = {} } = (await lint.calculateConfigForFile(`${root}/src/places/engine/x.ts`)) as { rules?: object };
    const own = Object.entries(rules).filter(([name]) => name.startsWith('no-restricted-'));
    const overrideConfig = [{ files: ['**/*.ts'], rules: Object.fromEntries(own) }];
    const alone = new ESLint({ cwd: root, overrideConfigFile: true, overrideConfig });
    const refused = async (name: string): Promise<boolean> => {
      const [result] = await alone.lintText(`import { a } from '${name}';`, {
        filePath: `${root}/src/places/engine/x.ts`,
      });
      return result?.errorCount === 1;
    };
    expect(await refused('../registry/client.js')).to.equal(true);
    expect(await refused('../../places/registry/client.js')).to.equal(true);
    expect(await refused('../../checks/rule.js')).to.equal(true);
    expect(await refused('./registry/client.js')).to.equal(false);
    expect(await refused('../../image/digest.js')).to.equal(false);
  });

  it('are kept apart by lint, also where a file is imported late or lies deeper', async () => {
    const own = roomRules.filter(({ files }) => files.includes('src/image/**/*.ts'));
    const overrideConfig = own.map(({ rules }) => ({ files: ['**/*.ts'], rules }));
    const lint = new ESLint({ cwd: root, overrideConfigFile: true, overrideConfig });
    const refused = async (text: string): Promise<boolean> => {
      const [result] = await lint.lintText(text, { filePath: `${root}/src/image/x.ts` });
      return result?.errorCount === 1;
    };
    expect(await refused("import { a } from '../places/engine/images.js';")).to.equal(true);
    expect(await refused("import { a } from '../../places/engine/images.js';")).to.equal(true);
    expect(await refused("const a = import('../places/engine/images.js');")).to.equal(true);
    expect(await refused("export * from '../places/engine/images.js';")).to.equal(true);
    expect(await refused("import { a } from '../errors.js';")).to.equal(false);
    expect(await refused("import { a } from './places/engine/images.js';")).to.equal(false);
  });
});
