import { posix } from 'node:path';
import type { Dockerfile } from '../../project/dockerfile/dockerfile.js';
import { DEFAULT_LOADER_SETTINGS, readLoaderSettings } from '../../project/kedro/loader-settings.js';
import type { CheckContext } from '../context.js';
import type { Rule, RuleFinding } from '../rule.js';

/** A .dockerignore that leaves out too much lets the build fail at its COPY, or Kedro at its start. */
export const buildContextHasProject: Rule = {
  id: 'build-context-has-project',
  group: 'project',
  description: '.dockerignore excludes nothing that the Dockerfile installs or Kedro needs to start',

  async check(context): Promise<RuleFinding[]> {
    const [{ value: dockerfile }, buildContext] = await Promise.all([context.dockerfile(), context.buildContext()]);
    const { ignoreFile } = buildContext;
    if (dockerfile === undefined || ignoreFile === undefined) return [];
    const needed = [
      ...installedFiles(dockerfile),
      ...copiedFiles(dockerfile, context),
      ...(await neededByKedro(context, dockerfile)),
    ];
    const missing: Needed[] = [];
    for (const each of needed) {
      // One finding for a folder, and none for what is in it.
      if (missing.some(({ what }) => each.what === what || each.what.startsWith(`${what}/`))) continue;
      const files = (await each.files()).filter((name) => name !== '');
      if (files.length > 0 && files.every((file) => buildContext.isIgnored(file))) missing.push(each);
    }
    return missing.map(({ what, why }) => ({
      severity: 'error',
      message: `${ignoreFile} excludes ${what}, ${why}`,
      remedy: `remove the pattern from ${ignoreFile}, or add the line: !${what}`,
      place: { file: ignoreFile },
    }));
  },
};

interface Needed {
  readonly what: string;
  readonly why: string;
  /** Those that are there; the need is not met when all of them are left out. */
  readonly files: () => Promise<readonly string[]>;
}

function installedFiles({ file, installs }: Dockerfile): Needed[] {
  const names = installs.flatMap((install) =>
    install.kind === 'requirements-file' && install.exists ? [install.file] : [],
  );
  return [...new Set(names)].map((what) => ({
    what,
    why: `which ${file} installs`,
    files: () => Promise.resolve([what]),
  }));
}

/** What a COPY names and does not find stops the build. A pattern may match other files. */
function copiedFiles({ file, projectCopies }: Dockerfile, { source }: CheckContext): Needed[] {
  const named = projectCopies.flatMap(({ sources, line }) =>
    sources
      .filter((path) => !/[*?[\\]|:\/\/|^git@/.test(path))
      .map((path) => ({ what: posix.normalize(path).replace(/^\/+|\/+$/g, ''), line })),
  );
  const literal = named.filter(({ what }) => !/^\.{0,2}$|^\.\.\//.test(what));
  return [...new Map(literal.map((each) => [each.what, each])).values()].map(({ what, line }) => ({
    what,
    why: `which line ${line} of ${file} copies`,
    files: async () => ((await source.read(what).catch(() => undefined)) === undefined ? source.list(what) : [what]),
  }));
}

/** Only where the Dockerfile would copy it to the working directory; a packaged project needs none of it. */
async function neededByKedro({ source, project }: CheckContext, dockerfile: Dockerfile): Promise<Needed[]> {
  const { workdir, filesAt, movesFiles } = dockerfile;
  if (movesFiles) return [];
  const root = workdir === '/' ? '' : workdir;
  const sourceFolder = project.sourceFolder === '' ? '' : `${project.sourceFolder}/`;
  const packageFolder = `${sourceFolder}${project.packageName}`;
  const settings = (await source.read(`${packageFolder}/settings.py`))?.toString('utf8');
  // Settings that cannot be read without Kedro: then the folder is not known, and nothing is said about it.
  const loader = settings === undefined ? DEFAULT_LOADER_SETTINGS : readLoaderSettings(settings);
  const base = loader === undefined ? undefined : `${loader.confSource}/${loader.baseEnvironment}`;
  const isInstalled = dockerfile.installs.some(({ kind }) => kind === 'project' || kind === 'lock-file');
  const folder = (what: string) => async () => source.list(what);
  const needed: Needed[] = [
    {
      what: 'pyproject.toml',
      why: 'which Kedro needs to find the project',
      files: async () => ((await source.read('pyproject.toml')) === undefined ? [] : ['pyproject.toml']),
    },
    ...(base === undefined ? [] : [{ what: base, why: 'which Kedro needs to start', files: folder(base) }]),
    ...(isInstalled ? [] : [{ what: packageFolder, why: "the project's code", files: folder(packageFolder) }]),
  ];
  return needed.filter(({ what }) => filesAt(`${root}/${what}`).includes(what));
}
