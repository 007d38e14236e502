import { execFile } from 'node:child_process';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { deflateSync } from 'node:zlib';
import { expect } from 'chai';
import { isGitObject, judgeGitObject } from '../../../src/secrets/git-objects.js';
import { TemporaryFolder } from '../../unit/temporary-folder.js';

// In two parts, so that nobody's scanner takes this file for a leak.
const TOKEN = ['ghp', 'aB3'.repeat(12)].join('_');
const KEY = `-----BEGIN RSA PRIVATE KEY-----\n${'aB3/xYz9'.repeat(8)}\n`.repeat(1);
const LINES = Array.from({ length: 400 }, (_, index) => `line ${index}, as ordinary as all others`);

describe('what Git keeps of what was committed', () => {
  let folder: TemporaryFolder;
  beforeEach(async () => {
    folder = await TemporaryFolder.create();
    await git('init', '--quiet');
  });
  afterEach(() => folder.remove());

  const git = (...words: string[]) =>
    promisify(execFile)('git', ['-C', folder.path, '-c', 'user.name=a', '-c', 'user.email=a@b.c', ...words]);
  const commit = async (files: Record<string, string>) => {
    await folder.write(files);
    await git('add', '--all');
    await git('commit', '--quiet', '--message', 'x');
  };
  const verdicts = async () => {
    const root = join(folder.path, '.git');
    const paths = (await readdir(root, { recursive: true })).filter((path) => isGitObject(`.git/${path}`));
    const all = await Promise.all(
      paths.map(async (path) => judgeGitObject(`.git/${path}`, await readFile(join(root, path)))),
    );
    return all.flatMap((verdict) => (verdict === undefined ? [] : [verdict.why]));
  };

  for (const [kind, secret, why] of [
    ['a token', `token: ${TOKEN}`, 'contains a GitHub token that was committed'],
    ['a private key, which is longer than what a delta adds at once', KEY, 'contains a private key that was committed'],
  ] as const)
    for (const where of ['loose objects', 'a pack'])
      it(`gives away ${kind} that was deleted, in ${where}`, async () => {
        await commit({ 'a.yml': LINES.join('\n'), 'b.txt': 'b' });
        await commit({ 'a.yml': LINES.with(200, secret).join('\n') });
        await commit({ 'a.yml': LINES.with(201, 'another').join('\n') });
        if (where === 'a pack') await git('gc', '--quiet', '--aggressive', '--prune=now');
        expect(await verdicts()).to.deep.equal([why]);
      });

  it('gives away a token that is only in what a pack keeps as a change to a larger file', async () => {
    await commit({ 'a.yml': LINES.join('\n') });
    await commit({ 'a.yml': LINES.slice(0, 390).with(200, `token: ${TOKEN}`).join('\n') });
    await commit({ 'a.yml': LINES.concat('another').join('\n') });
    await git('gc', '--quiet', '--aggressive', '--prune=now');
    expect(await verdicts()).to.deep.equal(['contains a GitHub token that was committed']);
  });

  it('gives away one in a message, and after large and binary files', async () => {
    await commit({ 'a.bin': `\0${TOKEN}`, 'b.txt': 'x'.repeat(3_000_000), 'c.txt': 'c' });
    expect(await verdicts()).to.deep.equal([]);
    await git('commit', '--quiet', '--allow-empty', '--message', `use ${TOKEN}`);
    await git('gc', '--quiet', '--prune=now');
    expect(await verdicts()).to.deep.equal(['contains a GitHub token that was committed']);
  });

  it('is passed over where it is damaged or something else', () => {
    const pack = '.git/objects/pack/pack-1.pack';
    const loose = `.git/objects/0a/${'1b'.repeat(19)}`;
    const counted = Buffer.from('PACK\0\0\0\u0002\0\0\0\u0009');
    for (const bytes of [
      Buffer.alloc(0),
      Buffer.from('PACK'),
      counted,
      Buffer.concat([counted, Buffer.alloc(50, 0xff)]),
      Buffer.from(TOKEN),
      deflateSync(TOKEN).subarray(0, 8),
    ])
      for (const path of [pack, loose]) expect(judgeGitObject(path, bytes)).to.equal(undefined);
  });

  it('is in files of certain names only', () => {
    for (const path of [
      '.git/objects/pack/pack-1.pack',
      'a/mirror/objects/0a/' + '1'.repeat(38),
      '.git/modules/x/objects/0a/' + '1'.repeat(62),
    ])
      expect(isGitObject(path), path).to.equal(true);
    for (const path of [
      '.git/objects/pack/pack-1.idx',
      '.git/objects/info/packs',
      'objects/0a/1',
      'a.pack',
      'src/objects/0g/' + '1'.repeat(38),
    ])
      expect(isGitObject(path), path).to.equal(false);
  });
});
