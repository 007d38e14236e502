import { KdeployError } from '../errors.js';
import { formatImageAddress, parseImageAddress, type ImageAddress } from '../image/address.js';

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
