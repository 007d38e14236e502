import { expect } from 'chai';
import type { LockedPackage } from '../../../../../src/builders/layers/resolve/locked-package.js';
import { fetchedOnce } from '../../../../../src/builders/layers/wheels/fetched-once.js';
import type { Wheel } from '../../../../../src/builders/layers/wheels/wheel.js';

function locked(name: string): LockedPackage {
  const filename = `${name}-1.0-py3-none-any.whl`;
  const url = `https://index.example.com/${filename}`;
  const artifact = { kind: 'wheel', url, filename, sha256: '0'.repeat(64), size: 1, isDirect: false } as const;
  return { name, version: '1.0', artifact };
}

function wheel(name: string): Wheel {
  const filename = `${name}-1.0-py3-none-any.whl`;
  return { name, version: '1.0', filename, file: `/${name}`, sha256: '0'.repeat(64), size: 1, directUrl: undefined };
}

const [ONE, TWO, THREE] = ['one', 'two', 'three'].map(locked) as [LockedPackage, LockedPackage, LockedPackage];

describe('wheels that several ask for', () => {
  let asked: string[];
  const fetch = fetchedOnce((packages) => {
    asked.push(packages.map(({ name }) => name).join('+'));
    if (packages.includes(THREE)) return Promise.reject(new Error('no such file'));
    return Promise.resolve(new Map(packages.map(({ name }) => [name, wheel(name)])));
  });

  before(() => (asked = []));

  it('are fetched together, each once, even while they are on their way', async () => {
    const [first, second] = await Promise.all([fetch([ONE]), fetch([TWO, ONE])]);
    expect([...first.keys()]).to.deep.equal(['one']);
    expect([...second.keys()]).to.deep.equal(['two', 'one']);
    expect((await fetch([ONE, TWO])).get('two')?.file).to.equal('/two');
    expect(asked).to.deep.equal(['one', 'two']);
  });

  it('fail for each who asks', async () => {
    for (const packages of [[THREE], [ONE, THREE]])
      expect(await fetch(packages).catch((error: unknown) => String(error))).to.equal('Error: no such file');
    expect(asked).to.deep.equal(['one', 'two', 'three']);
  });

  it('are none where none are asked for', async () => {
    expect((await fetch([])).size).to.equal(0);
    expect(asked).to.have.length(3);
  });
});
