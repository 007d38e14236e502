import path from 'node:path';
import { build } from 'esbuild';

/**
 * Joins the files of a program that are loaded together at its start.
 *
 * esbuild's `splitting` makes a file of its own for each set of modules that the same late imports share: 35 of them at a
 * start, each of which Node has to find, read and link. Yet whatever is imported late is imported by a program that is
 * loaded already. So its first file can hold them all, and the late ones take what they share from there.
 *
 * `outputs` are those of esbuild's metafile for what it has written, `entry` the program's file among them (`kdeploy.js`),
 * `options` are esbuild's for writing the new files.
 */
export async function joinLoaded(outputs, entry, options) {
  const folder = path.dirname(Object.keys(outputs).find((file) => path.posix.basename(file) === entry));
  const files = new Map(
    Object.entries(outputs)
      .filter(([file]) => file.endsWith('.js'))
      .map(([file, output]) => [path.posix.basename(file), output]),
  );
  const together = loadedWith(entry, files);
  const prefixes = new Map([...together].map((file, index) => [file, `part${index}_`]));
  const resolveDir = path.resolve(options.absWorkingDir, folder);

  /** Under names of its own, because two files may each have an `init`. */
  const shared = (file, { isRenamed }) =>
    files
      .get(file)
      .exports.map((name) =>
        isRenamed ? `${prefixes.get(file)}${name} as ${name}` : `${name} as ${prefixes.get(file)}${name}`,
      )
      .join(', ');

  const joining = {
    name: 'joining',
    setup({ onResolve, onLoad }) {
      // Packages that the files leave outside.
      onResolve({ filter: /^[^.]/ }, ({ path: name }) => ({ path: name, external: true }));
      onResolve({ filter: /^\.\// }, ({ path: name, importer, kind, namespace }) => {
        const file = path.posix.basename(name);
        if (kind === 'entry-point') return file === entry ? { path: file, namespace: 'program' } : undefined;
        if (namespace === 'shared' || !together.has(file)) return { path: name, external: true };
        const isTogether = namespace === 'program' || together.has(path.basename(importer));
        return isTogether ? undefined : { path: file, namespace: 'shared' };
      });
      onLoad({ filter: /./, namespace: 'program' }, () => ({
        contents: [...together]
          .map((file) =>
            file === entry
              ? `export * from './${file}';`
              : `export { ${shared(file, { isRenamed: false })} } from './${file}';`,
          )
          .join('\n'),
        resolveDir,
      }));
      onLoad({ filter: /./, namespace: 'shared' }, ({ path: file }) => ({
        contents: `export { ${shared(file, { isRenamed: true })} } from './${entry}';`,
        resolveDir,
      }));
    },
  };
  const entryPoints = [entry, ...[...files.keys()].filter((file) => !together.has(file))];
  await build({
    ...options,
    entryPoints: entryPoints.map((file) => ({
      in: `./${file === entry ? file : path.posix.join(folder, file)}`,
      out: file.replace(/\.js$/, ''),
    })),
    plugins: [joining],
  });
}

/** The program's file and all that it imports at once. */
function loadedWith(entry, files) {
  const found = new Set([entry]);
  for (const file of found) {
    for (const { path: imported, kind, external } of files.get(file).imports) {
      if (kind === 'import-statement' && external !== true) found.add(path.posix.basename(imported));
    }
  }
  return found;
}
