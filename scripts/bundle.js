/**
 * Compiles src/ into dist/, together with the packages that most commands need: `npm run build`. Finding, reading and
 * compiling a file of a package takes Node about half a millisecond, and `kdeploy check` would load 370 of them. Out of
 * a few files it starts in two thirds of the time. Types are not looked at here; `npm run typecheck` does that.
 *
 * dist/kdeploy.js has the command line, all commands, and what every check needs; what else is imported late, with
 * `import()`, has files of its own, which are read when they are needed. Source maps let kdeploy name the places in src/
 * when it shows a stack.
 */
import { readFile, readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { joinLoaded } from './join-loaded.js';
import { LATE, OUTSIDE } from './outside-bundle.js';
import { thirdPartyLicences } from './third-party-licences.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const source = path.join(root, 'src');

/**
 * oclif's, for plugins written in TypeScript, and for telling that Node is too old for it, which package.json does;
 * cyclonedx-library's, for documents in XML.
 */
const neverLoaded = ['semver', 'ts-node', 'tsx', 'typescript', 'xmlbuilder2'];

/**
 * Puts a function between that loads the package when it is called.
 *
 * The files of dockerode that load gRPC, protobuf and ssh2, two thirds of what it takes to load it, stay where they are:
 * they read files beside them. kdeploy comes to them only where the engine is at an ssh:// address.
 */
const lateLoading = {
  name: 'late loading',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^[\w-]+$/ }, ({ path: name, importer }) => {
      const user = /(?<=[\\/]node_modules[\\/])(?:@oclif[\\/]core|dockerode)(?=[\\/])/.exec(importer)?.[0];
      return name in LATE && user !== undefined
        ? { path: name, namespace: 'late', pluginData: user.replace('\\', '/') }
        : undefined;
    });
    onLoad({ filter: /./, namespace: 'late' }, ({ path: name, pluginData: user }) => ({
      // By way of who uses it: package managers that keep packages apart let nobody else see it.
      contents: `const { createRequire } = require('node:module');
        exports.${LATE[name]} = (...given) => createRequire(require.resolve('${user}'))('${name}').${LATE[name]}(...given);`,
    }));
    onResolve({ filter: /^\.\/(?:buildkit|session|ssh)$/ }, ({ path: file, importer }) => {
      const folder = /(?<=node_modules[\\/])(?:dockerode|docker-modem)[\\/]lib(?=[\\/]\w+\.js$)/.exec(importer)?.[0];
      return folder === undefined
        ? undefined
        : { path: `${folder.replace('\\', '/')}/${path.basename(file)}`, namespace: 'in place' };
    });
    onLoad({ filter: /./, namespace: 'in place' }, ({ path: file }) => ({
      // By way of dockerode: package managers that keep packages apart let nobody else see docker-modem.
      contents: `const { createRequire } = require('node:module');
        const load = () => createRequire(require.resolve('dockerode'))('${file}');
        ${file.endsWith('buildkit') ? 'module.exports = load();' : 'module.exports = (...given) => load()(...given);'}`,
    }));
  },
};

/** Parts of Node that take milliseconds to load, and the functions of them, which hardly any start calls. */
const lateBuiltIns = {
  'node:child_process': ['execFile', 'execSync', 'spawn'],
  'node:crypto': ['createHash', 'randomBytes', 'randomUUID'],
  'node:readline': ['createInterface'],
};

/** Puts functions between that load the part of Node when one of them is called. */
const lateLoadingOfBuiltIns = {
  name: 'late loading of built-ins',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^node:/ }, ({ path: name, importer, kind }) =>
      name in lateBuiltIns &&
      kind !== 'dynamic-import' &&
      (importer.startsWith(source) ||
        /[\\/]node_modules[\\/](?:@oclif[\\/]core|wsl-utils|powershell-utils)[\\/]/.test(importer))
        ? { path: name, namespace: 'late built-in' }
        : undefined,
    );
    onLoad({ filter: /./, namespace: 'late built-in' }, ({ path: name }) => ({
      // `promisify` has a form of its own for `execFile`.
      contents: `const builtIn = () => process.getBuiltinModule('${name}');
        const late = (each) => {
          const call = (...given) => builtIn()[each](...given);
          call[Symbol.for('nodejs.util.promisify.custom')] = (...given) =>
            process.getBuiltinModule('node:util').promisify(builtIn()[each])(...given);
          return call;
        };
        ${lateBuiltIns[name].map((each) => `export const ${each} = /* @__PURE__ */ late('${each}');`).join('\n')}
        export default { ${lateBuiltIns[name].join(', ')} };`,
    }));
  },
};

/** Every check of a project imports them late: as files of their own they would only have to be found and read. */
const neededByChecks = ['pep440.js', 'smol-toml', 'wsl-utils', 'compatibility.js', 'version-range.js'];

/**
 * The ids of commands are ASCII, and oclif sorts them at each start by the rules of the user's language, which take Node
 * 15 ms to load.
 */
const sortedByCode = {
  name: 'sorted by code',
  setup({ onLoad }) {
    const call = 'a.id.localeCompare(b.id)';
    onLoad({ filter: /[\\/]@oclif[\\/]core[\\/]lib[\\/]config[\\/]plugin\.js$/ }, async ({ path: file }) => {
      const text = await readFile(file, 'utf8');
      if (!text.includes(call)) throw new Error(`${file} no longer sorts with ${call}`);
      return { contents: text.replace(call, '(a.id < b.id ? -1 : 1)'), loader: 'js' };
    });
  },
};

/** They come into dist/kdeploy.js as well, and are still run only when they are asked for. */
const withTheProgram = {
  name: 'with the program',
  setup({ onLoad }) {
    onLoad(
      { filter: /[\\/](?:src[\\/].*\.ts|@oclif[\\/]core[\\/]lib[\\/]util[\\/]os\.js)$/ },
      async ({ path: file }) => ({
        contents: (await readFile(file, 'utf8')).replaceAll(/\bimport\(('[^']+')\)/g, (call, name) =>
          neededByChecks.some((each) => name === `'${each}'` || name.endsWith(`/${each}'`))
            ? `Promise.resolve().then(() => require(${name}))`
            : call,
        ),
        loader: file.endsWith('.ts') ? 'ts' : 'js',
      }),
    );
  },
};

/**
 * `import('yaml')` of a CommonJS package gives its names in Node, but only `default` in a bundle of several files. So a
 * module is put between that exports the names that Node gives.
 */
const namesOfCommonJs = {
  name: 'names of CommonJS packages',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^[^./]/ }, ({ path: name, kind, importer }) => {
      const isLeftAlone = name.startsWith('node:') || OUTSIDE.includes(name) || !importer.startsWith(source);
      return kind === 'dynamic-import' && !isLeftAlone ? { path: name, namespace: 'names' } : undefined;
    });
    onLoad({ filter: /./, namespace: 'names' }, async ({ path: name }) => {
      const names = Object.keys(await import(name)).filter((each) => /^\w+$/.test(each) && each !== '__esModule');
      return { contents: `export { ${names.join(', ')} } from '${name}';`, resolveDir: root };
    });
  },
};

/** What package.json tells oclif to look for: `COMMANDS` by their ids (`auth:token`), and the hook. */
const program = {
  name: 'program',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^kdeploy$/ }, ({ path: name }) => ({ path: name, namespace: 'program' }));
    onLoad({ filter: /./, namespace: 'program' }, async () => ({ contents: await programText(), resolveDir: source }));
  },
};

async function programText() {
  const found = await readdir(path.join(source, 'commands'), { recursive: true });
  const files = found.filter((file) => file.endsWith('.ts')).map((file) => file.split(path.sep).join('/'));
  const ids = files.sort().map((file) => file.replace(/\.ts$/, '').replaceAll('/', ':'));
  return [
    "export { runCommandLine } from './command-line.ts';",
    "export { default as COMMAND_NOT_FOUND } from './hooks/command-not-found.ts';",
    ...files.map((file, index) => `import command${index} from './commands/${file}';`),
    `export const COMMANDS = { ${ids.map((id, index) => `'${id}': command${index}`).join(', ')} };`,
  ].join('\n');
}

const options = {
  absWorkingDir: root,
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  // Not the names: a stack is to be read, with and without the map.
  minifyWhitespace: true,
  minifySyntax: true,
  sourcesContent: false,
  // They stand in one file instead.
  legalComments: 'none',
  logLevel: 'warning',
};
// CommonJS packages in the bundle call it: require('node:fs').
const banner = { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" };

await rm(path.join(root, 'dist'), { recursive: true, force: true });
const parts = path.join(root, 'dist', 'parts');
const { metafile } = await build({
  ...options,
  outdir: parts,
  entryPoints: [{ in: 'kdeploy', out: 'kdeploy' }],
  splitting: true,
  external: [...OUTSIDE, ...neverLoaded],
  // The main file asks for its others through a function that no bundler sees.
  alias: { 'jsonc-parser': 'jsonc-parser/lib/esm/main.js' },
  plugins: [program, lateLoading, lateLoadingOfBuiltIns, withTheProgram, sortedByCode, namesOfCommonJs],
  define: { 'process.env.OCLIF_DISABLE_ENGINE_WARNING': '"true"' },
  sourcemap: 'linked',
  metafile: true,
});
await Promise.all([
  // All files stand side by side, so that the way to templates/ is the same from each of them.
  joinLoaded(metafile.outputs, 'kdeploy.js', { ...options, outdir: 'dist', sourcemap: 'linked', banner }),
  // For itself: it has its effect before the program is read.
  build({ ...options, entryPoints: ['src/before-start.ts'], splitting: true, outdir: 'dist', sourcemap: 'linked' }),
]);
await rm(parts, { recursive: true });
await writeFile(
  path.join(root, 'dist', 'third-party-licences.txt'),
  await thirdPartyLicences(root, Object.keys(metafile.inputs)),
);
