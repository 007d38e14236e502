import { expect } from 'chai';
import { Overlay } from '../../../src/fix/overlay.js';
import { memorySource } from '../../support/memory-source.js';

const change = (file: string, before: string | undefined, after: string) => ({
  file,
  before: before === undefined ? undefined : Buffer.from(before),
  after: Buffer.from(after),
});

describe('a project as it would be', () => {
  it('reads as changed where something is changed, and as it is elsewhere', async () => {
    const overlay = new Overlay(memorySource({ a: '1', b: '2' }));
    overlay.add(change('a', '1', 'one'));
    overlay.add(change('conf/c', undefined, 'three'));
    const texts = await Promise.all(
      ['a', 'b', 'conf/c', 'd'].map(async (file) => (await overlay.read(file))?.toString()),
    );
    expect(texts).to.deep.equal(['one', '2', 'three', undefined]);
  });

  it('lists new files once, in their folders', async () => {
    const overlay = new Overlay(memorySource({ a: '1', 'conf/b': '2' }));
    overlay.add(change('a', '1', 'one'));
    overlay.add(change('conf/a', undefined, 'three'));
    expect(await overlay.list('')).to.deep.equal(['a', 'conf/a', 'conf/b']);
    expect(await overlay.list('conf')).to.deep.equal(['conf/a', 'conf/b']);
  });

  it('has one change for a file that several fixes change', () => {
    const overlay = new Overlay(memorySource({ a: '1' }));
    overlay.add(change('a', '1', '12'));
    overlay.add(change('a', '12', '123'));
    expect(overlay.changes).to.deep.equal([change('a', '1', '123')]);
  });
});
