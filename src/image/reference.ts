import { KdeployError } from '../errors.js';
import { isLoopbackHost } from '../loopback-host.js';
import { quoted } from '../secrets/quoted.js';
import { isDigest, parseDigest, type Digest } from './digest.js';

/** Docker Hub's name in references; its API answers elsewhere (src/places/registry/endpoint.ts). */
export const DOCKER_HUB = 'docker.io';

/** Docker Engine's limit for registry and repository together (distribution/reference, NameTotalLengthMax). */
const MAXIMUM_NAME_LENGTH = 255;

const NAME_HINT =
  'an image name looks like europe-docker.pkg.dev/acme/ml/spaceflights or registry.example.com:5000/team/app';
const TAG_HINT =
  'a tag consists of at most 128 letters, digits, underscores, periods and hyphens, and does not start with a period or hyphen';

// The grammar of distribution/reference (regexp.go).
const HOST = /^(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*|\[[a-f0-9:]+\])(?::(\d+))?$/;
const COMPONENT = /^[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*$/;
const TAG = /^\w[\w.-]{0,127}$/;
const IMAGE_ID = /^[a-f0-9]{64}$/;

/** One that names its image by content. */
export type PinnedReference = ImageReference & { readonly digest: Digest };

/**
 * Where an image is, always in full: `docker.io/library/python:3.11`, never `python`. A value; made only by
 * `parseReference` and from one another, so that whoever holds one knows that it is well formed.
 */
export class ImageReference {
  private constructor(
    /** Host and port, in lower case; Docker Hub is always `docker.io`. */
    readonly registry: string,
    readonly repository: string,
    readonly tag: string | undefined,
    readonly digest: Digest | undefined,
  ) {}

  /** Reads what a user wrote. Throws KdeployError `usage`. */
  static parse(text: string): ImageReference {
    const { name, tag, digest } = split(text);
    const { registry, repository } = readName(name, text);
    return new ImageReference(
      registry,
      repository,
      tag === undefined ? undefined : parseTag(tag),
      digest === undefined ? undefined : parseDigest(digest),
    );
  }

  /** `registry/repository`. */
  get name(): string {
    return `${this.registry}/${this.repository}`;
  }

  /**
   * The name as `docker images` shows it: `python` for docker.io/library/python. Where leaving `docker.io/` off would
   * name something else (docker.io/localhost/app), it stays, so that the short form always reads back as the same image.
   */
  get familiarName(): string {
    if (this.registry !== DOCKER_HUB) return this.name;
    const official = /^library\/([^/]+)$/.exec(this.repository)?.[1];
    const short = official ?? this.repository;
    return IMAGE_ID.test(short) || splitRegistry(short).registry !== DOCKER_HUB ? this.name : short;
  }

  /**
   * Whether other machines may get the image from there: not from a registry at a loopback address, nor under a bare name
   * such as `spaceflights`, which is for the engine alone (docker.io/library is Docker's own).
   */
  get leavesThisMachine(): boolean {
    if (this.registry === DOCKER_HUB) return !this.repository.startsWith('library/');
    return !isLoopbackHost(this.registry.replace(/:\d+$/, ''));
  }

  toString(): string {
    return this.name + this.suffix;
  }

  toFamiliarString(): string {
    return this.familiarName + this.suffix;
  }

  /** The same repository at a tag; a digest is dropped, for the tag may come to name another image. */
  withTag(tag: string): ImageReference {
    return new ImageReference(this.registry, this.repository, parseTag(tag), undefined);
  }

  /** As Docker reads a name that says neither tag nor digest: at `latest`. Any other name stays as it is. */
  withDefaultTag(): ImageReference {
    return this.tag === undefined && this.digest === undefined ? this.withTag('latest') : this;
  }

  /** The same repository at a digest; a tag is dropped, for the digest alone says which image. */
  withDigest(digest: string): PinnedReference {
    return new ImageReference(this.registry, this.repository, undefined, parseDigest(digest)) as PinnedReference;
  }

  /** The repository alone. */
  withoutTag(): ImageReference {
    return new ImageReference(this.registry, this.repository, undefined, undefined);
  }

  private get suffix(): string {
    return (this.tag === undefined ? '' : `:${this.tag}`) + (this.digest === undefined ? '' : `@${this.digest}`);
  }
}

/** `ImageReference.parse`, for callers that need no more than a function. */
export function parseReference(text: string): ImageReference {
  return ImageReference.parse(text);
}

/**
 * A name to build under: image.name in kdeploy.yml, which has its tags beside it, or --image, which may carry one.
 * A digest is never given beforehand: it is what the build finds out.
 */
export function parseRepositoryName(text: string, { tagAllowed = false } = {}): ImageReference {
  const reference = parseReference(text);
  if (reference.digest !== undefined) {
    throw new KdeployError(
      'usage',
      `the image name ${quoted(text)} contains a digest, which is known only after the build`,
      {
        hint: `remove "@${reference.digest.slice(0, 15)}…"`,
      },
    );
  }
  if (reference.tag !== undefined && !tagAllowed) {
    throw new KdeployError('usage', `the image name ${quoted(text)} contains the tag ${quoted(reference.tag)}`, {
      hint: 'use the name without a tag, and set the tags in image.tags (or --tag)',
    });
  }
  return reference;
}

/** Throws KdeployError `usage` for what no registry takes as a tag. */
export function parseTag(text: string): string {
  if (TAG.test(text)) return text;
  const shown = quoted(text);
  const problem =
    text === ''
      ? 'the tag is empty'
      : text.length > 128
        ? `the tag ${shown} has ${text.length} characters; 128 are allowed`
        : `the tag ${shown} contains a character that is not allowed`;
  throw new KdeployError('usage', problem, { hint: TAG_HINT });
}

/**
 * The one place that knows Docker Hub's other names: `index.docker.io` (the old login address) and
 * `registry-1.docker.io` (where the API answers). Compared whole, never as a suffix: `mydocker.io` is someone else's.
 */
export function canonicalRegistry(host: string): string {
  const lower = host.toLowerCase();
  return lower === 'index.docker.io' || lower === 'registry-1.docker.io' ? DOCKER_HUB : lower;
}

function split(text: string): { name: string; tag: string | undefined; digest: string | undefined } {
  const shown = quoted(text);
  if (text === '') throw new KdeployError('usage', 'the image name is empty', { hint: NAME_HINT });
  if (/\s/.test(text)) throw wrong(`the image name ${shown} contains white space`);
  if (text.includes('://')) throw wrong(`the image name ${shown} starts with a protocol; remove it`);
  if (IMAGE_ID.test(text)) throw wrong(`${shown} is an image ID, not an image name`);

  const at = text.indexOf('@');
  const digest = at === -1 ? undefined : text.slice(at + 1);
  // Not parseDigest's own words, nor parseTag's: what stands around an @ may be somebody's user:password@host:port.
  if (digest !== undefined && !isDigest(digest) && !/^(?:sha\d+|md5):[A-Za-z0-9]*$/i.test(digest)) {
    throw wrong(`the image name ${shown} contains an @ that is not followed by a digest`);
  }
  const named = at === -1 ? text : text.slice(0, at);
  // A colon before the last slash belongs to the port.
  const colon = named.indexOf(':', named.lastIndexOf('/') + 1);
  if (colon === -1) return { name: named, tag: undefined, digest };
  if (colon === named.length - 1) throw wrong(`the image name ${shown} ends with a colon, without a tag`);
  return { name: named.slice(0, colon), tag: named.slice(colon + 1), digest };
}

/**
 * Docker's rule: what comes before the first slash is a registry when it has a period or a port, or is `localhost`;
 * else all of it is a repository of Docker Hub.
 */
function splitRegistry(name: string): { registry: string; repository: string } {
  const slash = name.indexOf('/');
  const first = name.slice(0, Math.max(slash, 0));
  if (first === 'localhost' || /[.:]/.test(first)) {
    const registry = canonicalRegistry(first);
    const repository = name.slice(slash + 1);
    // Docker Hub keeps its official images under library/ and lets everyone leave that off.
    return { registry, repository: registry === DOCKER_HUB ? withLibrary(repository) : repository };
  }
  return { registry: DOCKER_HUB, repository: withLibrary(name) };
}

function withLibrary(repository: string): string {
  return repository.includes('/') || repository === '' ? repository : `library/${repository}`;
}

function readName(name: string, text: string): { registry: string; repository: string } {
  const { registry, repository } = splitRegistry(name);
  const shown = quoted(text);
  const host = HOST.exec(registry);
  if (host === null) throw wrong(`the image name ${shown} starts with ${quoted(registry)}, which is not a host name`);
  if (host[1] !== undefined && (Number(host[1]) < 1 || Number(host[1]) > 65_535)) {
    throw wrong(`the image name ${shown} has the port ${host[1]}; ports range from 1 to 65535`);
  }
  if (repository === '') throw wrong(`the image name ${shown} has no repository`);
  if (`${registry}/${repository}`.length > MAXIMUM_NAME_LENGTH) {
    throw wrong(`the image name ${shown} is longer than ${MAXIMUM_NAME_LENGTH} characters`);
  }
  // Docker reads a first part with capitals as a host; nobody has a registry of that kind, but many a name with a capital.
  if (repository !== repository.toLowerCase()) {
    throw new KdeployError('usage', `the image name ${shown} has capital letters; registries accept only lower case`, {
      hint: `use ${name.toLowerCase()}`,
    });
  }
  for (const component of repository.split('/')) {
    if (component === '')
      throw wrong(`the image name ${shown} has an empty part: two slashes in a row, or a slash at one end`);
    if (!COMPONENT.test(component)) {
      throw wrong(
        `the image name ${shown} has the part ${quoted(component)}; a part consists of lower-case letters and digits, joined by a single period, one or two underscores, or hyphens`,
      );
    }
  }
  return { registry, repository };
}

function wrong(message: string): KdeployError {
  return new KdeployError('usage', message, { hint: NAME_HINT });
}
