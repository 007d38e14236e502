import { KdeployError } from '../errors.js';
import { quoted } from '../secrets/quoted.js';
import { isDigest, parseDigest } from './digest.js';
import { parseReference, type ImageReference } from './reference.js';

/** Where an image is: as the user says, in a file, in a registry, or wherever its name is found first. */
export type ImageAddress = FileAddress | ReferenceAddress;

export interface FileAddress {
  /** An OCI image layout, in a folder or in a TAR file; or what `docker save` writes. */
  readonly place: 'layout' | 'archive';
  readonly path: string;
  /** Which of the images in it: a tag, a name or a digest. */
  readonly name?: string;
}

/** Where an image is written to: an OCI image layout in a folder, or one in a TAR file. */
export interface OutputAddress {
  readonly transport: 'oci' | 'oci-archive';
  readonly path: string;
  /** What the image is called in it. */
  readonly name?: string;
}

export interface ReferenceAddress {
  readonly place: 'registry' | 'anywhere';
  /** Never without tag and digest. */
  readonly reference: ImageReference;
}

/** The transports of skopeo, buildah and podman (containers-transports(5)) that name a file. */
const FILE_PLACES = { oci: 'layout', 'oci-archive': 'layout', 'docker-archive': 'archive' } as const;

/** What other tools call what kdeploy calls otherwise. */
const OTHER_NAMES: Readonly<Record<string, string>> = {
  'oci-layout': 'a folder with an OCI image layout is named oci:FOLDER',
  ocidir: 'a folder with an OCI image layout is named oci:FOLDER',
  'docker-daemon': 'an image of the engine is named without a prefix: team/app:v1',
  'containers-storage': 'save the image to a file: `podman save --format oci-archive`, and name it oci-archive:FILE',
};

const FILE_HINT =
  'an image in a file is named oci:FOLDER, oci:FOLDER:TAG, oci:FOLDER@sha256:…, oci-archive:FILE or docker-archive:FILE';

/** Reads how a user names an image. Throws KdeployError `usage`. */
export function parseImageAddress(text: string): ImageAddress {
  const colon = text.indexOf(':');
  const written = text.slice(0, Math.max(colon, 0));
  const rest = text.slice(colon + 1);
  const prefix = written.toLowerCase();
  if (isFilePrefix(prefix)) {
    if (written !== prefix)
      throw wrong(`${quoted(text)} begins with capital letters`, `write ${prefix}: in lower case`);
    if (rest.startsWith('//'))
      throw wrong(
        `${quoted(text)} is no path after ${prefix}:`,
        `${FILE_HINT}; an image in a registry docker://REGISTRY/NAME`,
      );
    return { place: FILE_PLACES[prefix], ...pathAndName(rest, prefix) };
  }
  if (Object.hasOwn(OTHER_NAMES, prefix))
    throw wrong(`kdeploy reads no images from ${quoted(`${written}:`)}`, OTHER_NAMES[prefix] ?? FILE_HINT);
  if (prefix === 'docker' && rest.startsWith('//')) {
    if (written !== prefix) throw wrong(`${quoted(text)} begins with capital letters`, 'write docker:// in lower case');
    return { place: 'registry', reference: parseReference(rest.slice(2)).withDefaultTag() };
  }
  if (/^(?:~|\.{0,2})\//.test(text)) throw wrong(`${quoted(text)} is a path, not an image name`, FILE_HINT);
  return { place: 'anywhere', reference: parseReference(text).withDefaultTag() };
}

/** As `parseImageAddress` reads it; for messages, with Docker Hub's images by their short names. */
export function formatImageAddress(address: ImageAddress): string {
  if ('reference' in address)
    return `${address.place === 'registry' ? 'docker://' : ''}${address.reference.toFamiliarString()}`;
  const { place, path, name } = address;
  const suffix = name === undefined ? '' : isDigest(name) ? `@${name}` : `:${name}`;
  return `${place === 'layout' ? 'oci' : 'docker-archive'}:${path}${suffix}`;
}

function isFilePrefix(prefix: string): prefix is keyof typeof FILE_PLACES {
  return Object.hasOwn(FILE_PLACES, prefix);
}

/**
 * Divided at the first colon, as skopeo does it: a name has colons of its own (`app.tar:registry.example.com:5000/app:v1`),
 * and a path for these tools has none, except for the drive of Windows.
 */
function pathAndName(text: string, prefix: string): { path: string; name?: string } {
  const at = /@(?=sha\d+:[^/@]*$)/.exec(text)?.index;
  const digest = at === undefined ? undefined : parseDigest(text.slice(at + 1));
  const named = text.slice(0, at);
  const colon = named.indexOf(':', /^[A-Za-z]:[\\/]/.test(named) ? 2 : 0);
  const path = colon === -1 ? named : named.slice(0, colon);
  const name = colon === -1 ? undefined : named.slice(colon + 1);
  if (path === '') throw wrong(`${quoted(`${prefix}:${text}`)} names no path`, FILE_HINT);
  if (name === '' && digest === undefined)
    throw wrong(`${quoted(`${prefix}:${text}`)} ends with a colon, without a name`, FILE_HINT);
  // As in a reference: the digest alone says which image.
  const wanted = digest ?? name;
  return { path, ...(wanted !== undefined && { name: wanted }) };
}

function wrong(message: string, hint: string): KdeployError {
  return new KdeployError('usage', message, { hint });
}
