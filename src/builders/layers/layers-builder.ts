import { posix } from 'node:path';
import type { Image } from '../../image/image.js';
import type { Layer } from '../../image/layer.js';
import { RUNTIME_FOLDER } from '../../image/baked-environment.js';
import type { Locations } from '../../image/locations.js';
import { environmentValue, withEnvironment, type RunConfiguration } from '../../image/run-configuration.js';
import { danglingLink } from '../../bake/dangling-link.js';
import { KdeployError } from '../../errors.js';
import { assembleImage, type AddedLayer } from './assemble-image.js';
import { accountOf, HOME, type AccountIds } from './base/account.js';
import type { BaseFacts } from './base/base-facts.js';
import { foldersAbove, resolvePlace } from './base/places.js';
import { venvOf, VENV, type Venv } from './base/venv.js';
import type { ImageEntry } from './pack/image-entry.js';
import type { GzipForm } from './pack/pack-layer.js';
import { MTIME_SECONDS } from './pack/tar-header.js';
import { packedAgain } from './packed-again.js';
import { formatRecorded, LAYERS_LABEL } from './layer-recipe.js';
import type { PackageLayers } from './package-layers.js';
import { projectEntries } from './project-layer.js';
import { throughLinks } from './project-links.js';

/** What the image is made of, besides its packages. */
export interface ImageParts {
  readonly base: Image;
  readonly facts: BaseFacts;
  readonly venv: Venv;
  readonly packages: Pick<PackageLayers, 'added' | 'recorded'>;
  /** The project's folder, absolute. */
  readonly project: string;
  readonly dockerfile: string;
  /** Its folder of configuration: `conf`. */
  readonly confSource: string;
  readonly ids: AccountIds;
  readonly gzip: GzipForm;
  /** RFC 3339. */
  readonly created: string;
  readonly what: string;
}

/** The project's image, before anything is baked. */
export interface ProjectImage {
  readonly image: Image;
  readonly locations: Locations;
  /** Where folders really are, behind links of the base. */
  readonly real: Readonly<Record<string, string>>;
  /** The project's files alone. */
  readonly projectLayer: Layer;
  /** Diff IDs of all below them. */
  readonly installed: readonly string[];
}

/** Of a base without a PATH of its own (moby, daemon/config: DefaultPathEnv). */
const DEFAULT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
/** As kedro-docker's template has them (kedro-docker 0.6.2, template/Dockerfile.simple). */
const COMMAND = ['kedro', 'run'];
const EXPOSED_PORT = '8888/tcp';
const USER = 'kedro_docker';

/** Where the virtual environment goes; packages of the base stay visible in it, as they are with kedro docker. */
export function environmentOf(facts: BaseFacts): Venv {
  return venvOf(facts, { hasSystemPackages: true });
}

/**
 * Puts the image together: the base, the user and the empty environment, the packages, the project's files. It can be run as
 * kedro docker's can: same user, working directory, command and port. Throws KdeployError `configuration`, `build-failed` and `bake-failed`.
 */
export async function buildProjectImage(parts: ImageParts): Promise<ProjectImage> {
  const { base, facts, venv, packages, ids, gzip, created, what } = parts;
  refuseTriggers(base, what);
  const account = accountOf(facts, ids);
  const home = [...foldersOf(account.entries), ...foldersAbove(facts, account.home)];
  const ground = await packedAgain(() => unique([...account.entries, ...venv.entries]), gzip);
  const project: ImageEntry[] = [];
  const options = { project: parts.project, dockerfile: parts.dockerfile, target: account.home, owner: ids };
  for await (const entry of projectEntries({ ...options, folders: leadingTo(account.home, home, facts) }))
    project.push(entry);
  const projectLayer = await packedAgain(() => project, gzip);
  const added: AddedLayer[] = [
    { layer: ground, step: { createdBy: `kedro_docker, the user of the project, and /${VENV}` } },
    ...packages.added,
    { layer: projectLayer, step: { createdBy: 'COPY . . # kdeploy layers' } },
  ];
  const run = runConfiguration(base.config.value.run);
  const labels = { [LAYERS_LABEL]: formatRecorded(packages.recorded, venv.sitePackages) };
  const image = assembleImage({ base, added, run, labels, exposedPort: EXPOSED_PORT, created, what });
  const folders = foldersOf([...foldersAbove(facts, venv.root), ...venv.entries, ...project]);
  const locations = locationsOf(parts, account.home, project, folders);
  return {
    image,
    locations,
    real: { ...locations.real, [`/${VENV}`]: `/${venv.root}`, [`/${HOME}`]: `/${account.home}` },
    projectLayer,
    installed: image.layers.slice(0, -1).map(({ diffId }) => diffId),
  };
}

function runConfiguration(base: RunConfiguration): Omit<RunConfiguration, 'labels'> {
  const { env, entrypoint } = base;
  return {
    env: withEnvironment(env, { PATH: `/${VENV}/bin:${environmentValue(env, 'PATH') ?? DEFAULT_PATH}` }),
    entrypoint,
    cmd: COMMAND,
    workingDirectory: `/${HOME}`,
    user: USER,
  };
}

/** ONBUILD steps run in a build on top of the image; there is nothing here to run them. */
function refuseTriggers({ config }: Image, what: string): void {
  const { config: run } = JSON.parse(config.bytes.toString('utf8')) as { config?: { OnBuild?: unknown } | null };
  if (!Array.isArray(run?.OnBuild) || run.OnBuild.length === 0) return;
  throw new KdeployError('configuration', `${what} has ONBUILD instructions, which only a build with Docker can run`, {
    hint: 'choose another base image (image.base), or build with Docker: `--builder kedro`',
  });
}

type Folder = ImageEntry & { readonly type: 'folder' };

function foldersOf(entries: readonly ImageEntry[]): Folder[] {
  return entries.filter((entry) => entry.type === 'folder');
}

/** The working directory and what is above it, the outermost first: as the layer below has it, else as the base does. */
function leadingTo(home: string, made: readonly Folder[], { places }: BaseFacts): Folder[] {
  const own = made.find(({ path }) => path === home);
  const place = places[home];
  const entry = own ?? (place?.type === 'folder' ? { ...place, path: home } : undefined);
  const above = made.filter(({ path }) => home.startsWith(`${path}/`));
  return unique([...above.sort(byPath), ...(entry === undefined ? [] : [entry])]) as Folder[];
}

function unique(entries: readonly ImageEntry[]): ImageEntry[] {
  return [...new Map(entries.map((entry) => [entry.path, entry])).values()];
}

/** What a bake has to know of the image (image/locations.ts): here it is known without asking anybody. */
function locationsOf(
  { facts, venv, ids: owner, confSource }: ImageParts,
  home: string,
  project: readonly ImageEntry[],
  made: readonly Folder[],
): Locations {
  const written = `${home}/${confSource}`;
  const conf = throughLinks(written, project);
  const sitePackages = `/${venv.sitePackages}`;
  const runtime = resolvePlace(facts, RUNTIME_FOLDER);
  // The folder of an environment may be a link as well; a file that is written below it must not take its place.
  const environments = project.filter(({ type, path }) => type === 'link' && posix.dirname(path) === conf);
  const real = {
    ...Object.fromEntries(
      environments.map(({ path }) => [
        `/${HOME}/${confSource}/${posix.basename(path)}`,
        `/${throughLinks(path, project)}`,
      ]),
    ),
    [`/${HOME}/${confSource}`]: `/${conf}`,
    [RUNTIME_FOLDER]: runtime === undefined ? RUNTIME_FOLDER : `/${runtime.path}`,
  };
  const ends = [...Object.values(real), sitePackages];
  const ofTheBase = Object.entries(facts.places).flatMap(([path, place]) =>
    place.type === 'folder' ? [{ ...place, path }] : [],
  );
  const isOnTheWay = (path: string) =>
    ends.some((end) => `${end}/`.startsWith(`/${path}/`)) || path.slice(0, path.lastIndexOf('/')) === conf;
  const folders = [...ofTheBase, ...made].filter(({ path }) => path !== '' && isOnTheWay(path));
  if (conf !== written && !folders.some(({ path }) => path === conf)) throw danglingLink(confSource, `/${conf}`);
  return {
    owner,
    real,
    sitePackages: [sitePackages],
    folders: Object.fromEntries(
      folders.map(({ path, uid, gid, mode }) => [`/${path}`, { uid, gid, mode, mtime: MTIME_SECONDS }]),
    ),
  };
}

function byPath(one: Folder, other: Folder): number {
  return one.path < other.path ? -1 : 1;
}
