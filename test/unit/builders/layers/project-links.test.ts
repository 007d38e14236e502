import { expect } from 'chai';
import type { ImageEntry } from '../../../../src/builders/layers/pack/image-entry.js';
import { throughLinks } from '../../../../src/builders/layers/project-links.js';

const links = (targets: Readonly<Record<string, string>>): ImageEntry[] =>
  Object.entries(targets).map(([path, target]) => ({ type: 'link', path, target, uid: 0, gid: 0 }));

describe('a path of the image through the project’s links', () => {
  const cases: readonly [what: string, targets: Record<string, string>, leadsTo: string][] = [
    ['is itself without any', {}, 'home/app/conf'],
    ['is itself where others are links', { 'home/app/data': 'x', 'home/app/conf2': 'y' }, 'home/app/conf'],
    ['is beside the link', { 'home/app/conf': 'config' }, 'home/app/config'],
    ['is deeper', { 'home/app/conf': './deploy/config/' }, 'home/app/deploy/config'],
    ['is above', { 'home/app/conf': '../../shared/conf' }, 'shared/conf'],
    ['is never above the root', { 'home/app/conf': '../../../../../conf' }, 'conf'],
    ['is at the root', { 'home/app/conf': '/' }, ''],
    ['is where an absolute link leads', { 'home/app/conf': '/srv/conf' }, 'srv/conf'],
    ['is behind several', { 'home/app/conf': 'a', 'home/app/a': 'b/c', 'home/app/b': 'd' }, 'home/app/d/c'],
  ];
  for (const [what, targets, leadsTo] of cases)
    it(what, () => expect(throughLinks('home/app/conf', links(targets))).to.equal(leadsTo));

  it('is nowhere where they go round in a circle', () => {
    const circle = links({ 'home/app/conf': 'a', 'home/app/a': 'conf' });
    expect(() => throughLinks('home/app/conf', circle)).to.throw('leads back to itself');
  });
});
