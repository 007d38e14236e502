import { posix } from 'node:path';
import { KdeployError } from '../../errors.js';
import type { ImageEntry } from './pack/image-entry.js';

/** Linux follows no more (path_resolution(7)). */
const MAXIMUM_LINKS = 40;

/**
 * Where a path of the image leads through the links among a project's files, as a container would follow them. All without the
 * first slash. Throws KdeployError `configuration` for links that go round in a circle.
 */
export function throughLinks(path: string, entries: readonly ImageEntry[]): string {
  const targets = new Map(entries.flatMap((each) => (each.type === 'link' ? [[each.path, each.target]] : [])));
  let left = path.split('/');
  let at = '';
  for (let links = 0; left.length > 0;) {
    const [name = '', ...rest] = left;
    const place = at === '' ? name : `${at}/${name}`;
    const target = targets.get(place);
    if (target === undefined) {
      [at, left] = [place, rest];
      continue;
    }
    if (++links > MAXIMUM_LINKS) throw circle(path);
    // From the top again: the target may go through other links.
    const led = posix.join('/', target.startsWith('/') ? '' : at, target, ...rest).slice(1);
    [at, left] = ['', led.split('/').filter((part) => part !== '')];
  }
  return at;
}

function circle(path: string): KdeployError {
  return new KdeployError('configuration', `/${path} in the image is a link that leads back to itself`, {
    hint: 'replace the link with the folder itself',
  });
}
