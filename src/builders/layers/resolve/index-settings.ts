import { normaliseName } from '../../../project/python/name.js';
import { namesIn, type PipSettings } from './pip-settings.js';
import { credentialsInText, uniqueCredentials, type IndexCredentials } from './index-credentials.js';
import type { RequirementsInputs } from './requirements-inputs.js';
import type { UvSettings } from './uv-settings.js';

/** How uv is told where the packages come from, so that it finds what pip would. */
export interface IndexSettings {
  /** Beside the user's variables. What may hold a password goes this way, never into an argument. */
  readonly environment: Readonly<Record<string, string>>;
  readonly words: readonly string[];
  readonly notes: readonly string[];
  readonly credentials: readonly IndexCredentials[];
  readonly requiresHashes: boolean;
  /** Whether a package may only be built from its source, although it has wheels. */
  readonly isFromSource: (name: string) => boolean;
}

const PYPI = 'https://pypi.org/simple';

/** What uv reads in a requirements file, but does not apply. */
const UNREAD_OPTIONS: Readonly<Record<string, string>> = {
  '--prefer-binary': 'name the packages with --only-binary, or pin versions that have wheels',
  '--only-final': 'pin the versions of these packages',
  '--global-option': 'set config-settings in [tool.uv]',
};

/**
 * Joins the settings of pip, the options of the requirements file and uv's own settings. pip counts --index-url in the
 * file in place of all indexes that were known before it, and takes the best version of all; uv takes the first index that
 * has the name. What uv's own settings say of the same thing counts more than pip's, and that is said.
 */
export function indexSettings(
  pip: PipSettings,
  requirements: Pick<RequirementsInputs, 'options' | 'files'>,
  uv: UvSettings,
  environment: NodeJS.ProcessEnv,
): IndexSettings {
  const notes = [...pip.unread];
  const values = (name: string): string[] =>
    requirements.options.filter((option) => option.name === name).map(({ value }) => value);
  const indexes = pipIndexes(pip, requirements.options);
  const hasOwnIndexes = uv.defaultIndex !== undefined || uv.hasIndexes;

  const variables: Record<string, string> = {};
  const [last = PYPI, ...before] = indexes.map(({ url }) => url).reverse();
  const isTold = indexes.some(({ origin }) => origin !== undefined);
  // uv asks the indexes of UV_INDEX in their order, and the default one last.
  const others = uv.defaultIndex === undefined ? before.reverse() : indexes.filter(isExtra).map(({ url }) => url);
  if (uv.defaultIndex === undefined && isTold) variables.UV_DEFAULT_INDEX = last;
  if (others.length > 0) variables.UV_INDEX = joined(environment.UV_INDEX, others, ' ');
  const replaced = indexes.find((index) => !isExtra(index) && index.origin !== undefined)?.origin;
  if (uv.defaultIndex !== undefined && replaced !== undefined)
    notes.push(
      `the default index of ${uv.defaultIndex} is used, not that of ${replaced}: uv's own settings count more`,
    );

  const hosts = [...pip.trustedHosts, ...values('--trusted-host')];
  if (hosts.length > 0) variables.UV_INSECURE_HOST = joined(environment.UV_INSECURE_HOST, hosts, ' ');
  if (pip.findLinks.length > 0)
    variables.UV_FIND_LINKS = joined(
      environment.UV_FIND_LINKS,
      pip.findLinks.map((link) => link.replaceAll(',', '%2C')),
      ',',
    );
  // Paths with spaces would be taken apart.
  const constraints = environmentOrWords('UV_CONSTRAINT', '--constraints', pip.constraints, environment);
  const builds = environmentOrWords('UV_BUILD_CONSTRAINT', '--build-constraints', pip.buildConstraints, environment);
  Object.assign(variables, constraints.variables, builds.variables);
  for (const [name, value] of Object.entries(pip.variables)) {
    if (!isGiven(environment, name)) variables[name] = value;
  }
  if (
    !uv.hasKeyring &&
    variables.UV_KEYRING_PROVIDER === undefined &&
    indexes.some(({ url }) => /:\/\/[^/:@]+@/.test(url))
  )
    // pip asks a keyring for the password of a user without one; uv does so only where it is told to.
    variables.UV_KEYRING_PROVIDER = 'subprocess';

  const isWithoutIndex = pip.noIndex !== undefined && !hasOwnIndexes;
  if (pip.noIndex !== undefined && hasOwnIndexes)
    notes.push(
      `the indexes of uv's settings are used, although ${pip.noIndex.origin} allows none: uv's own settings count more`,
    );
  const noBinary = namesIn([...pip.noBinary, ...values('--no-binary')]).map(normaliseName);
  const onlyBinary = namesIn([...pip.onlyBinary, ...values('--only-binary')]).map(normaliseName);
  const allReleases = namesIn(values('--all-releases'));
  const allowsPrereleases = pip.allowsPrereleases || values('--pre').length > 0 || allReleases.includes(':all:');
  for (const [option, advice] of Object.entries(UNREAD_OPTIONS)) {
    const found = requirements.options.find(({ name }) => name === option);
    if (found !== undefined)
      notes.push(
        `uv has no counterpart of ${option} (${found.place.file}:${found.place.line ?? 1}), so it is not applied: ${advice}`,
      );
  }
  return {
    environment: variables,
    words: [
      ...(isWithoutIndex ? ['--no-index'] : []),
      ...(indexes.length > 1 && !uv.hasStrategy && !hasOwnIndexes ? ['--index-strategy', 'unsafe-best-match'] : []),
      ...(allowsPrereleases && !uv.hasPrerelease ? ['--prerelease', 'allow'] : []),
      ...(pip.ignoresDependencies ? ['--no-deps'] : []),
      ...pip.noBinary.flatMap((name) => ['--no-binary', name]),
      ...pip.onlyBinary.flatMap((name) => ['--only-binary', name]),
      ...constraints.words,
      ...builds.words,
    ],
    notes,
    credentials: uniqueCredentials([
      ...[...indexes.map(({ url }) => url), ...pip.findLinks, ...pip.constraints].flatMap(credentialsInText),
      ...requirements.files.flatMap(({ text }) => credentialsInText(text)),
      ...uv.credentials,
    ]),
    requiresHashes: pip.requiresHashes || values('--require-hashes').length > 0,
    isFromSource: (name) => noBinary.includes(name) || (noBinary.includes(':all:') && !onlyBinary.includes(name)),
  };
}

interface PipIndex {
  readonly url: string;
  /** Who names it; `undefined`: nobody, it is PyPI. */
  readonly origin: string | undefined;
  readonly isExtra: boolean;
}

function isExtra(index: PipIndex): boolean {
  return index.isExtra;
}

/** In the order in which pip knows them. */
function pipIndexes(pip: PipSettings, options: RequirementsInputs['options']): PipIndex[] {
  const { indexUrl } = pip;
  let indexes: PipIndex[] = [
    indexUrl === undefined
      ? { url: PYPI, origin: undefined, isExtra: false }
      : { url: indexUrl.value, origin: indexUrl.origin, isExtra: false },
    ...pip.extraIndexUrls.map((url) => ({ url, origin: 'extra-index-url', isExtra: true })),
  ];
  for (const { name, value, place } of options) {
    if (name === '--index-url' || name === '--pypi-url')
      indexes = [{ url: value, origin: `${place.file}:${place.line ?? 1}`, isExtra: false }];
    else if (name === '--extra-index-url') indexes.push({ url: value, origin: place.file, isExtra: true });
  }
  return indexes;
}

function environmentOrWords(
  variable: string,
  option: string,
  values: readonly string[],
  environment: NodeJS.ProcessEnv,
): { readonly variables: Record<string, string>; readonly words: string[] } {
  if (values.length === 0) return { variables: {}, words: [] };
  // An option on the command line replaces the variable.
  const all = [...(environment[variable] ?? '').split(/\s+/).filter((value) => value !== ''), ...values];
  return values.some((value) => credentialsInText(value).length > 0)
    ? { variables: { [variable]: all.join(' ') }, words: [] }
    : { variables: {}, words: all.flatMap((value) => [option, value]) };
}

function joined(given: string | undefined, values: readonly string[], separator: string): string {
  return [...(given === undefined || given === '' ? [] : [given]), ...values].join(separator);
}

function isGiven(environment: NodeJS.ProcessEnv, name: string): boolean {
  const names = name === 'ALL_PROXY' ? ['ALL_PROXY', 'HTTPS_PROXY', 'HTTP_PROXY'] : [name];
  return names.some((each) => [each, each.toLowerCase()].some((key) => (environment[key] ?? '') !== ''));
}
