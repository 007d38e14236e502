import { homedir } from 'node:os';
import path from 'node:path';
import type { PipOption, PipOptions } from './pip-configuration.js';

/** What pip's settings say about which packages are installed, and where they come from. */
export interface PipSettings {
  readonly indexUrl: PipOption | undefined;
  readonly extraIndexUrls: readonly string[];
  /** URLs and absolute paths. */
  readonly findLinks: readonly string[];
  readonly noIndex: PipOption | undefined;
  readonly trustedHosts: readonly string[];
  /** URLs and absolute paths of requirements files. */
  readonly constraints: readonly string[];
  readonly buildConstraints: readonly string[];
  /** Names of packages, `:all:`. */
  readonly noBinary: readonly string[];
  readonly onlyBinary: readonly string[];
  readonly allowsPrereleases: boolean;
  readonly requiresHashes: boolean;
  readonly ignoresDependencies: boolean;
  /** How indexes are reached, in the variables that uv reads for it. */
  readonly variables: Readonly<Record<string, string>>;
  /** A sentence for each setting that could change what is installed, and that uv has no counterpart of. */
  readonly unread: readonly string[];
}

/** What to do instead, for settings that change the packages and that uv cannot be told. */
const UNREAD: Readonly<Record<string, string>> = {
  'prefer-binary': 'name the packages in only-binary, or pin versions that have wheels',
  'only-final': 'pin the versions of these packages',
  'use-deprecated': 'remove it',
  'ignore-requires-python': 'override the package in [tool.uv] override-dependencies',
  'no-build-isolation': 'set no-build-isolation-package in [tool.uv]',
  'global-option': 'set config-settings in [tool.uv]',
  'config-settings': 'set config-settings in [tool.uv]',
  'uploaded-prior-to': 'set exclude-newer in [tool.uv], or the variable UV_EXCLUDE_NEWER',
  requirement: 'list the packages in the requirements file of the project',
  editable: 'list the packages in the requirements file of the project',
  platform: 'the image decides it: choose another base image',
  'python-version': 'the image decides it: choose another base image',
  implementation: 'the image decides it: choose another base image',
  abi: 'the image decides it: choose another base image',
};

/** pip's settings as uv can be told them; `folder` is what paths are relative to. */
export function pipSettings(options: PipOptions, folder: string, home: string = homedir()): PipSettings {
  const words = (name: string): string[] => (options.get(name)?.value ?? '').split(/\s+/).filter((word) => word !== '');
  const places = (name: string): string[] => words(name).map((word) => placeOf(word, folder, home));
  const names = (name: string): string[] => namesIn(words(name));
  const isOn = (name: string): boolean => isTrue(options.get(name)?.value);
  const releases = names('all-releases');
  const allReleases = releases.length === 0 || releases.includes(':all:') ? undefined : options.get('all-releases');
  const unread = [...options.values()].filter(
    ({ name, value }) => name in UNREAD && !/^(?:no|off|false|0)$/i.test(value),
  );
  return {
    indexUrl: options.get('index-url') ?? options.get('pypi-url'),
    extraIndexUrls: words('extra-index-url'),
    findLinks: places('find-links'),
    noIndex: isOn('no-index') ? options.get('no-index') : undefined,
    trustedHosts: words('trusted-host'),
    constraints: places('constraint'),
    buildConstraints: places('build-constraint'),
    noBinary: names('no-binary'),
    onlyBinary: names('only-binary'),
    allowsPrereleases: isOn('pre') || releases.includes(':all:'),
    requiresHashes: isOn('require-hashes'),
    ignoresDependencies: isOn('no-deps') || isOn('no-dependencies'),
    variables: transport(options, folder, home),
    unread: [
      ...unread.map(({ name, origin }) => sentence(name, origin, UNREAD[name] ?? '')),
      ...(allReleases === undefined
        ? []
        : [sentence('all-releases', allReleases.origin, 'pin the pre-releases that are wanted')]),
    ],
  };
}

function sentence(name: string, origin: string, advice: string): string {
  return `uv has no counterpart of pip's setting ${name} (${origin}), so it is not applied: ${advice}`;
}

function transport(options: PipOptions, folder: string, home: string): Record<string, string> {
  const value = (...names: readonly string[]): string | undefined =>
    names.map((name) => options.get(name)?.value).find((each) => each !== undefined);
  const certificate = value('cert');
  const clientCertificate = value('client-cert');
  const timeout = value('timeout', 'default-timeout');
  const proxy = value('proxy');
  const keyring = value('keyring-provider');
  return {
    ...(certificate === undefined ? {} : { SSL_CERT_FILE: placeOf(certificate, folder, home) }),
    ...(clientCertificate === undefined ? {} : { SSL_CLIENT_CERT: placeOf(clientCertificate, folder, home) }),
    ...(timeout === undefined || !/^\d+(?:\.\d+)?$/.test(timeout)
      ? {}
      : { UV_HTTP_TIMEOUT: String(Math.ceil(Number(timeout))) }),
    // pip takes `user:password@host:port` as well.
    ...(proxy === undefined ? {} : { ALL_PROXY: proxy.includes('://') ? proxy : `http://${proxy}` }),
    // pip's own way is to import it, which only a Python can.
    ...(keyring === 'subprocess' || keyring === 'import' ? { UV_KEYRING_PROVIDER: 'subprocess' } : {}),
  };
}

/** A URL as it is, a path made absolute. */
export function placeOf(text: string, folder: string, home: string = homedir()): string {
  if (/^(?:[a-z]+\+)?(?:https?|file):/i.test(text)) return text;
  return path.resolve(folder, text.replace(/^~(?=$|[\\/])/, home));
}

/** `a,b`; `:none:` empties what came before it. */
export function namesIn(values: readonly string[]): string[] {
  const names = values.flatMap((value) => value.split(',')).filter((name) => name !== '');
  return names.slice(names.lastIndexOf(':none:') + 1);
}

/** What pip takes for yes in a file or a variable (distutils' strtobool). */
function isTrue(value: string | undefined): boolean {
  return /^(?:y|yes|t|true|on|1)$/i.test(value ?? '');
}
