import { expect } from 'chai';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { readRequirements, type Requirements } from '../../../../src/project/python/requirements-file.js';
import type { ProjectSource } from '../../../../src/project/sources/source.js';
import { workTree } from '../../../../src/project/sources/work-tree.js';
import { memorySource } from '../../../support/memory-source.js';

const OPTIONS = { environment: { pythonVersion: '3.11', platform: 'linux/amd64' } };

async function read(source: ProjectSource): Promise<Requirements> {
  const requirements = await readRequirements(source, 'requirements.txt', OPTIONS);
  if (requirements === undefined) throw new Error('no such file');
  return requirements;
}

const MEGABYTE = 1024 * 1024;

/** Lines on which a regular expression with a choice too many, or a recursion, would not end in the time of this test. */
const LONG_LINES: readonly (readonly [name: string, line: (length: number) => string])[] = [
  ['one letter', (length) => 'a'.repeat(length)],
  ['hyphens', (length) => 'a-'.repeat(length / 2)],
  ['spaces in the middle', (length) => `a${' '.repeat(length)}b`],
  ['spaces and tabs before an option', (length) => `a${' \t'.repeat(length / 2)}--hash`],
  ['spaces before a # that is none', (length) => `${' '.repeat(length)}x#`],
  ['hashes', (length) => 'a#'.repeat(length / 2)],
  ['extras', (length) => `a[${'b,'.repeat(length / 2)}`],
  ['brackets', (length) => '['.repeat(length)],
  ['versions', (length) => `a${'>=1,'.repeat(length / 4)}!`],
  ['a version of many numbers', (length) => `a==${'1.'.repeat(length / 2)}`],
  ['an old version of brackets', (length) => `a==${']'.repeat(length)}`],
  ['opened markers', (length) => `a;${'('.repeat(length)}`],
  ['nested markers', (length) => `a;${'('.repeat(length / 2)}os_name=="x"${')'.repeat(length / 2)}`],
  ['a chain of markers', (length) => `a;${'os_name=="x" or '.repeat(length / 16)}os_name=="x"`],
  ['a chain of open quotes', (length) => `a;${'"'.repeat(length)}`],
  ['dots and slashes', (length) => './'.repeat(length / 2)],
  ['slashes', (length) => `.${'/'.repeat(length)}x`],
  ['a URL of at signs', (length) => `a@${'@'.repeat(length)}`],
  ['a URL of fragments', (length) => `https://x/${'#egg='.repeat(length / 5)}`],
  ['a wheel of hyphens', (length) => `${'a-'.repeat(length / 2)}.whl`],
  ['a wheel of dots', (length) => `a-1-${'a.'.repeat(length / 2)}!-x-x.whl`],
  ['an address of brackets', (length) => `https://${'['.repeat(length)}`],
  ['options', (length) => '--pre '.repeat(length / 6)],
  ['a quoted option', (length) => `-i "${'\\\\'.repeat(length / 2)}`],
  ['variables', (length) => '${A}'.repeat(length / 4)],
  ['open variables', (length) => '${A'.repeat(length / 3)],
  ['backslashes', (length) => '\\'.repeat(length)],
  ['backslashes in the middle', (length) => `${'\\'.repeat(length)}x\\`],
  ['NULs', (length) => '\0'.repeat(length)],
  ['line ends', (length) => '\r\f\v\n'.repeat(length / 4)],
  ['continuations', (length) => '\\\n'.repeat(length / 2)],
];

describe('readRequirements, given files made to break it', function () {
  // Each of them takes some milliseconds; what is not linear takes minutes.
  this.timeout(60_000);

  for (const [name, line] of LONG_LINES) {
    it(`reads a megabyte of ${name}`, async () => {
      const requirements = await read(memorySource({ 'requirements.txt': `${line(MEGABYTE)}\nkedro\n` }));
      expect(requirements.problems.length).to.be.lessThan(1100);
    });
  }

  it('refuses a line of 50 MB, and says so once', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'requirements-'));
    try {
      await writeFile(join(folder, 'requirements.txt'), Buffer.alloc(50 * MEGABYTE, 0x61));
      const { problems, declarations } = await read(workTree(folder));
      expect(problems.map(({ kind }) => kind)).to.deep.equal(['unreadable']);
      expect(declarations).to.deep.equal([]);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  it('reads a file that is included 100,000 times once', async () => {
    const source = memorySource({ 'requirements.txt': '-r a.txt\n'.repeat(100_000), 'a.txt': 'kedro\n' });
    const { declarations, problems } = await read(source);
    expect(declarations).to.have.length(1);
    expect(problems).to.deep.equal([]);
    expect(source.reads).to.deep.equal(['requirements.txt', 'a.txt']);
  });

  it('stops after a thousand files, however deep they include one another', async () => {
    const reads: string[] = [];
    const { problems } = await read({
      read(path) {
        reads.push(path);
        const next = path === 'requirements.txt' ? 0 : Number(/\d+/.exec(path)?.[0]) + 1;
        return Promise.resolve(Buffer.from(`-r ${next}.txt\nkedro\n`));
      },
      list: () => Promise.resolve([]),
    });
    expect(reads.length).to.equal(1001);
    expect(problems.map(({ kind }) => kind)).to.deep.equal(['too-large']);
  });

  it('stops after twenty thousand requirements', async () => {
    const text = Array.from({ length: 300_000 }, (_, index) => `p${index}`).join('\n');
    const { declarations, problems } = await read(memorySource({ 'requirements.txt': text }));
    expect(declarations).to.have.length(20_000);
    expect(problems.map(({ kind, place }) => [kind, place.line])).to.deep.equal([['too-large', 20_000]]);
  });

  it('lists a thousand mistakes, not a million', async () => {
    const { problems } = await read(memorySource({ 'requirements.txt': '=\n'.repeat(500_000) }));
    expect(problems).to.have.length(1000);
  });

  it('doubles nothing where files include each other twice at every level', async () => {
    const files: Record<string, string> = { 'requirements.txt': '-r 0.txt\n' };
    for (let level = 0; level < 60; level++) files[`${level}.txt`] = `-r ${level + 1}.txt\n-r ./${level + 1}.txt\n`;
    files['60.txt'] = 'kedro\n';
    const source = memorySource(files);
    expect((await read(source)).declarations).to.have.length(1);
    expect(source.reads).to.have.length(62);
  });

  it('follows no link in a circle, and none out of the project', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'requirements-'));
    const outside = await mkdtemp(join(tmpdir(), 'outside-'));
    try {
      await writeFile(join(outside, 'secret.txt'), 'hunter2 is no requirement\n');
      await symlink('b.txt', join(folder, 'a.txt'));
      await symlink('a.txt', join(folder, 'b.txt'));
      await symlink(join(outside, 'secret.txt'), join(folder, 'c.txt'));
      await writeFile(join(folder, 'requirements.txt'), '-r a.txt\n-r c.txt\n-r ../secret.txt\nkedro\n');
      const { declarations, problems } = await read(workTree(folder));
      expect(declarations.map(({ name }) => name)).to.deep.equal(['kedro']);
      expect(problems.map(({ kind }) => kind)).to.deep.equal(['missing-file', 'unreadable', 'outside-project']);
      expect(JSON.stringify(problems)).not.to.include('hunter2');
    } finally {
      await rm(folder, { recursive: true, force: true });
      await rm(outside, { recursive: true, force: true });
    }
  });

  it('survives whatever bytes there are, in every encoding they claim to be in', async () => {
    const heads = [
      '',
      '\ufeff',
      '# coding: utf-16\n',
      '# coding: no-such\n',
      '# coding: latin-1\n',
      '-r requirements.txt\n',
    ];
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...heads), fc.uint8Array({ maxLength: 300 }), async (head, bytes) => {
        await read(memorySource({ 'requirements.txt': Buffer.concat([Buffer.from(head), Buffer.from(bytes)]) }));
      }),
      { numRuns: 500 },
    );
  });
});
