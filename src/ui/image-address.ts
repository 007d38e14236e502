import { KdeployError } from '../errors.js';
import { formatImageAddress, parseImageAddress, type ImageAddress, type OutputAddress } from '../image/address.js';
import { isDigest } from '../image/digest.js';
import { parseReference, type ImageReference } from '../image/reference.js';
import { quoted } from '../secrets/quoted.js';

/** What the user named; with --remote, a name is one in its registry. Throws KdeployError `usage`. */
export function imageAddress(text: string, { remote }: { readonly remote: boolean }): ImageAddress {
  const address = parseImageAddress(text);
  if (!remote) return address;
  if ('path' in address)
    throw new KdeployError('usage', `--remote looks in a registry, but ${formatImageAddress(address)} is in a file`, {
      hint: 'leave --remote out, or name the image as the registry does',
    });
  return { ...address, place: 'registry' };
}

const OUTPUTS = ['oci', 'oci-archive'] as const;

/** What an image in a layout may be called (OCI image spec, annotations.md, `org.opencontainers.image.ref.name`). */
const LAYOUT_NAME = /^[A-Za-z0-9]+(?:(?:[-._:@+/]|--)[A-Za-z0-9]+)*$/;

/** Where a result is to be written. Throws KdeployError `usage` for anything but a layout, in a folder or a TAR file. */
export function outputAddress(text: string): OutputAddress {
  const address = parseImageAddress(text);
  const transport = OUTPUTS.find((each) => text.startsWith(`${each}:`));
  if (transport === undefined || !('path' in address) || (address.name !== undefined && isDigest(address.name)))
    throw new KdeployError('usage', `${quoted(text)} is no place to write to`, {
      hint: 'name a folder for an OCI image layout, or a TAR file: --output oci:FOLDER:TAG, --output oci-archive:FILE:TAG',
    });
  const { path, name } = address;
  if (name !== undefined && !LAYOUT_NAME.test(name))
    throw new KdeployError('usage', `${quoted(name)} cannot be the name of an image in a layout`, {
      hint: 'use letters and digits, with one of - . _ : @ + / between them',
    });
  return { transport, path, ...(name !== undefined && { name }) };
}

/** Where a copy goes, with a tag if the user named one. Throws KdeployError `usage` for what is in no registry. */
export function registryTarget(text: string): ImageReference {
  const address = parseImageAddress(text);
  if ('path' in address)
    throw new KdeployError('usage', `--to copies into a registry, but ${quoted(text)} is a file or a folder`, {
      hint: 'to copy an image into a layout as it is: `skopeo copy docker://NAME oci:FOLDER:TAG`; to bake it into one: `kdeploy bake NAME --output oci:FOLDER`',
    });
  return parseReference(address.place === 'registry' ? text.slice('docker://'.length) : text);
}
