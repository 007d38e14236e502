import type { FileCache } from '../../cache/file-cache.js';
import type { Settings } from '../../config/settings/settings.js';
import { KdeployError } from '../../errors.js';
import type { Layer } from '../../image/layer.js';
import { parsePlatform } from '../../image/platform.js';
import type { ImageReference } from '../../image/reference.js';
import type { LocateParts } from '../../locate/locate-image.js';
import type { Progress, Step } from '../../progress.js';
import type { ProjectModel } from '../../project/model.js';
import type { BackgroundWork } from '../background-work.js';
import { basePackageNotes, basePackages } from './base/base-packages.js';
import type { BaseFacts } from './base/base-facts.js';
import { foldersAbove } from './base/places.js';
import { readBase } from './base/read-base.js';
import { findBase, type BaseImage } from './base-source.js';
import { contestNotes } from './contest-notes.js';
import { earlierLayers } from './earlier-layers.js';
import { minorVersion } from './image-python.js';
import { KeptLayers } from './kept-layers.js';
import { buildProjectImage, environmentOf, type ProjectImage } from './layers-builder.js';
import { packageLayers, type PackageLayers } from './package-layers.js';
import { findCompilerPython, noCompilerPython, type CompilerPython } from './resolve/compiler-python.js';
import { findUv } from './resolve/find-uv.js';
import { resolvePackages, type Resolution } from './resolve/resolve-packages.js';
import { compileWheels } from './wheels/bytecode.js';
import { testEnvironment, type TestedPackage } from './self-test/test-environment.js';
import { fetchWheels } from './wheels/fetch-wheels.js';
import { fetchedOnce } from './wheels/fetched-once.js';

export interface MakeImageOptions {
  readonly model: ProjectModel;
  readonly settings: Settings;
  readonly confSource: string;
  /** The value of --kedro. */
  readonly kedro: string | undefined;
  /** RFC 3339. */
  readonly created: string;
  /** Images that may have some of the layers already, the likeliest first. */
  readonly earlier: () => Promise<readonly ImageReference[]>;
  readonly cache: FileCache;
  /** Whether what the cache has is read before it is believed. */
  readonly isWary: boolean;
  readonly locate: LocateParts;
  readonly environment: NodeJS.ProcessEnv;
  readonly background: BackgroundWork;
  /** Whether an image with new layers will be tested on this machine: then the environment for it is made beside them. */
  readonly isTestedHere: boolean;
  /** Hears of each layer of the base and of the packages as soon as it is known. */
  readonly onLayer: (layer: Layer) => void;
}

/** The project's image and what it was made of. */
export interface MadeImage extends ProjectImage {
  readonly baseName: string;
  readonly base: BaseImage;
  readonly facts: BaseFacts;
  readonly resolution: Resolution;
  readonly packages: PackageLayers;
  /** The folder of a virtual environment with its packages, on this machine. */
  readonly testEnvironment: () => Promise<string>;
}

/** What its user would be without anything configured: that of kedro docker for root, so that everybody makes the same image. */
const DEFAULT_IDS = { uid: 999, gid: 0 };

/**
 * Makes the image of a project without an engine: reads the base, has uv resolve the packages for it, packs what no layer has
 * yet, and adds the project's files. Nothing is written to a place. Throws KdeployError.
 */
export async function makeImage(
  options: MakeImageOptions,
  progress: Progress,
  signal: AbortSignal,
): Promise<MadeImage> {
  const { model, settings, cache, environment } = options;
  const { project } = model;
  const { image: asked, build } = settings;
  const platform = parsePlatform(asked.platform);
  const uv = await findUv({ projectRoot: project.root, kedro: options.kedro, cache, environment, signal });
  const baseName = await baseNameOf(options);
  const { args, secrets } = build;
  if (Object.keys(args).length > 0 || secrets.length > 0)
    progress.note('build.args and build.secrets have no meaning for the builder layers, which runs no Dockerfile');
  const { base, facts } = await progress.step(`base image ${baseName}`, async (step) => {
    const found = await findBase(baseName, platform, options.locate, (text) => step.note(text));
    const read = await readBase(found.image, {
      cache,
      note: (text) => step.note(text),
      onProgress: (bytes, total) => step.update(`reading it, ${megabytes(bytes)} of ${megabytes(total)} MB`),
    });
    const { version, libc } = read.python;
    step.result(`Python ${version}, ${libc.kind} ${libc.version}`);
    return { base: found, facts: read };
  });
  const { python } = facts;
  for (const layer of base.image.layers) options.onLayer(layer);

  const resolution = await progress.step('packages', async (step) => {
    const found = await resolvePackages({
      ...{ project: project.root, source: model.source, python, uv, cache, environment, signal },
      note: (text) => step.note(text),
      onLine: (line) => step.line(line),
    });
    const { packages, lockedBy } = found;
    step.result(`${packages.length} ${found.isLocked ? 'locked in' : 'from'} ${lockedBy}`);
    for (const text of basePackageNotes(
      basePackages(facts, new Set(packages.map(({ name }) => name)), { hasSystemPackages: true }),
    ))
      step.note(text);
    return found;
  });

  let asking: ReturnType<typeof findCompilerPython> | undefined;
  const findPython = () =>
    (asking ??= findCompilerPython({ version: python.version, uv, folder: project.root, cache, environment, signal }));
  const hostPython = async () => {
    const answer = await findPython();
    return 'python' in answer ? answer.python.program : undefined;
  };
  const venv = environmentOf(facts);
  let environmentUnderWay: Promise<string> | undefined;
  const { packages, makeEnvironment } = await progress.step('layers', async (step) => {
    const fetch = fetchedOnce((wanted) =>
      fetchWheels(wanted, {
        ...{ cache, python, uv, buildPython: hostPython, credentials: resolution.indexes, environment, signal },
        onProgress: ({ done, total, bytes }) =>
          step.update(`fetching wheels, ${done} of ${total}, ${megabytes(bytes)} MB`),
      }),
    );
    const makeEnvironment = (wheels: readonly TestedPackage[]): Promise<string> =>
      (environmentUnderWay ??= options.background.begin((ending) =>
        testEnvironment(
          wheels,
          python,
          {
            ...{ uv, hostPython, cache, environment, folder: project.root },
            fetch: (names) => fetch(resolution.packages.filter(({ name }) => names.includes(name))),
            note: (text) => {
              progress.note(text);
            },
          },
          ending,
        ),
      ));
    let reading: ReturnType<typeof earlierLayers> | undefined;
    const earlier = () =>
      (reading ??= options
        .earlier()
        .then((references) => earlierLayers(references.map(options.locate.registry), platform, venv.sitePackages)));
    const made = await packageLayers(
      {
        ...{ packages: resolution.packages, python, bytecode: asked.bytecode, gzip: asked.layers.gzip },
        ...{ baseLayers: base.image.layers.length, budget: asked.layers.budget },
        ...{ root: venv.root, folders: foldersAbove(facts, venv.root) },
      },
      {
        ...{ cache, kept: new KeptLayers(cache, options.isWary), earlier, fetch },
        compiler: () => compilerOf(findPython, python.version, step),
        compile: (jobs, { python: program, workers }) =>
          compileWheels(jobs, { python: program, workers, signal, environment }),
        onContests: (contests) => {
          for (const text of contestNotes(contests)) step.note(text);
        },
        onPacking: (wheels) => {
          if (options.isTestedHere) void makeEnvironment(wheels);
        },
        onLayer: (layer, { done, layers }) => {
          options.onLayer(layer);
          step.update(`${done} of ${layers} layers`);
        },
      },
    );
    const [layers, bytes] = [made.added.length, made.added.reduce((sum, { layer }) => sum + layer.descriptor.size, 0)];
    step.result(`${layers} layers of packages, ${megabytes(bytes)} MB; ${made.packed} of them new`);
    return { packages: made, makeEnvironment };
  });
  const projectImage = await buildProjectImage({
    ...{ base: base.image, facts, venv, packages, project: project.root, dockerfile: asked.dockerfile },
    ...{ confSource: options.confSource, gzip: asked.layers.gzip, created: options.created, what: baseName },
    ids: { uid: build.uid ?? DEFAULT_IDS.uid, gid: build.gid ?? DEFAULT_IDS.gid },
  });
  const testEnvironmentOf = () => makeEnvironment(packages.wheels);
  return { ...projectImage, baseName, base, facts, resolution, packages, testEnvironment: testEnvironmentOf };
}

async function baseNameOf({ model, settings }: MakeImageOptions): Promise<string> {
  const name = settings.image.base ?? (await model.defaultBaseImage());
  if (name !== undefined) return name;
  throw new KdeployError('configuration', 'no base image is configured, and the Python that runs Kedro is not known', {
    hint: 'name one with the Python that the project needs: image.base: python:3.11-slim in kdeploy.yml, or --base-image',
  });
}

/** Bytecode of another patch version can be run as well, but may be other bytes than those of other machines. */
async function compilerOf(
  findPython: () => ReturnType<typeof findCompilerPython>,
  version: string,
  step: Step,
): Promise<CompilerPython> {
  const answer = await findPython();
  if (!('python' in answer)) throw noCompilerPython(version, answer.reason);
  const { python } = answer;
  if (!python.isExact)
    step.note(
      `bytecode is compiled by Python ${python.version}, for Python ${version} of the base image is not on this machine; machines that have it make other layers: \`uv python install ${version}\`, or a base image with Python ${minorVersion(python)} of that version`,
    );
  return python;
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(bytes < 10e6 ? 1 : 0);
}
