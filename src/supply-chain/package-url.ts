import type { Digest } from '../image/digest.js';
import { parseReference } from '../image/reference.js';
import { downloadUrl } from './public-url.js';
import type { ShippedPackage } from './shipped-package.js';

/**
 * `pkg:pypi/kedro@1.7.0` (purl-spec, types/pypi). A package that is named by its URL says so: otherwise scanners would take
 * it for the one that PyPI has under that name.
 */
export function packageUrl(shipped: ShippedPackage): string {
  const { name, version, isDirect = false } = shipped;
  const url = isDirect ? downloadUrl(shipped) : undefined;
  const key = url?.startsWith('git+') === true ? 'vcs_url' : 'download_url';
  const qualifiers = url === undefined ? '' : `?${key}=${encoded(url)}`;
  return `pkg:pypi/${encoded(name)}@${encoded(version)}${qualifiers}`;
}

/** `pkg:oci/app@sha256:…?repository_url=registry.example.com%2Fteam%2Fapp` (purl-spec, types/oci). */
export function imageUrl(name: string, digest: Digest): string {
  const { name: repository, tag } = parseReference(name);
  const last = repository.slice(repository.lastIndexOf('/') + 1);
  const qualifiers = [`repository_url=${encoded(repository)}`, ...(tag === undefined ? [] : [`tag=${encoded(tag)}`])];
  return `pkg:oci/${encoded(last)}@${encoded(digest)}?${qualifiers.join('&')}`;
}

/** The colon is never encoded, and nothing but letters, digits and `.-_~` stays as it is (purl-spec, "Character encoding"). */
function encoded(text: string): string {
  return encodeURIComponent(text)
    .replaceAll('%3A', ':')
    .replaceAll(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
}
