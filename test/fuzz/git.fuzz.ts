import { BatchOutput } from '../../src/git/batch-output.js';
import { parsePrePushLines } from '../../src/git/pre-push-lines.js';
import { remotesWithUrl } from '../../src/git/remote-names.js';
import { publicRemoteUrl, remoteLocation } from '../../src/git/remote-url.js';
import { parseTree } from '../../src/git/tree.js';
import { fuzz } from './fuzz.js';
import { SECRET } from './secret.js';

const ID = '8f3c'.repeat(10);

describe('fuzzing what git says', () => {
  it('answers of git cat-file are cut into objects, in pieces of any size', () =>
    fuzz({
      samples: [
        `${ID} blob 5\nhello\n${ID} missing\n${ID} tree 0\n\n`,
        `${'ab'.repeat(32)} commit 12\ntree x\nhello\nHEAD ambiguous\n`,
      ],
      words: [' missing\n', ' blob ', '\n\n', '999999999999999'],
      read: (input) => {
        for (const size of [1, 7, input.length + 1]) {
          const output = new BatchOutput({
            header: () => 'content',
            content: () => undefined,
            unreadable: () => undefined,
          });
          for (let at = 0; at < input.length; at += size) output.push(input.subarray(at, at + size));
        }
        return [];
      },
    }));

  it('folders are read, or refused with a sentence', () =>
    fuzz({
      samples: [`100644 a b.yml\0${'x'.repeat(20)}40000 conf\0${'y'.repeat(20)}160000 sub\0${'z'.repeat(20)}`],
      words: ['\0', '120000 ', '100664 ..\0'],
      read: (input) => {
        parseTree(input, 20);
        parseTree(input, 32);
        return [];
      },
    }));

  it('lines of a push are read, or refused with a sentence', () =>
    fuzz({
      samples: [
        `refs/heads/main ${ID} refs/heads/main ${'0'.repeat(40)}\n(delete) ${'0'.repeat(40)} refs/heads/x ${ID}\n`,
        `main@{1 day ago} ${'ab'.repeat(32)} refs/tags/${SECRET} ${'0'.repeat(64)}\r\n`,
      ],
      words: ['HEAD~1 ', ' refs/heads/', ID, '0'.repeat(40)],
      read: (input) => {
        parsePrePushLines(input.toString('utf8'));
        return [];
      },
    }));

  it('addresses of remotes are shown without user and password', () =>
    fuzz({
      samples: [
        `https://ada:${SECRET}@github.com/acme/spaceflights.git`,
        `ssh://ada:${SECRET}@example.com:2222/acme/a`,
        'git@github.com:acme/spaceflights.git',
        'C:/repositories/a',
      ],
      words: ['://', ':', '@', 'file:', '?a=b', '#'],
      read: (input) => {
        const text = input.toString('utf8');
        remotesWithUrl(`remote.origin.url\n${text}\0`, text);
        remoteLocation(text);
        publicRemoteUrl(text);
        return [];
      },
    }));
});
