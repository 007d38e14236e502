import { expect } from 'chai';
import fc from 'fast-check';
import { resolveUser } from '../../../src/image/passwd.js';

const PASSWD = `root:x:0:0:root:/root:/bin/bash
daemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin
kedro_docker:x:999:7:,,,:/home/kedro_docker:/bin/sh
kedro:x:1000:1000::/home/kedro:/bin/sh
twin:x:999:8::/:/bin/sh
1234:x:55:56::/:/bin/sh
`;
const GROUP = `root:x:0:
staff:x:50:kedro
1234:x:77:
`;

describe('who an image’s USER is', () => {
  // As moby/sys/user resolves it (GetExecUser).
  const cases: readonly [user: string, owner: [uid: number, gid: number] | undefined][] = [
    ['', [0, 0]],
    ['root', [0, 0]],
    ['kedro_docker', [999, 7]],
    ['kedro', [1000, 1000]],
    ['999', [999, 7]],
    ['4242', [4242, 0]],
    ['0', [0, 0]],
    ['kedro:staff', [1000, 50]],
    ['kedro:50', [1000, 50]],
    ['kedro:4242', [1000, 4242]],
    ['999:0', [999, 0]],
    ['4242:4343', [4242, 4343]],
    ['4242:staff', [4242, 50]],
    ['kedro:', [1000, 1000]],
    ['1234', [55, 56]],
    ['kedro:1234', [1000, 77]],
    ['kedr', undefined],
    ['Kedro', undefined],
    ['kedro_', undefined],
    ['x', undefined],
    ['kedro:nogroup', undefined],
    ['nobody:staff', undefined],
  ];
  for (const [user, owner] of cases) {
    it(`is ${owner?.join(':') ?? 'unknown'} for ${JSON.stringify(user)}`, () => {
      expect(resolveUser(user, PASSWD, GROUP)).to.deep.equal(owner && { uid: owner[0], gid: owner[1] });
    });
  }

  it('is a number in an image without passwd and group', () => {
    expect(resolveUser('7', '', '')).to.deep.equal({ uid: 7, gid: 0 });
    expect(resolveUser('7:8', '', '')).to.deep.equal({ uid: 7, gid: 8 });
    expect(resolveUser('root', '', '')).to.equal(undefined);
    expect(resolveUser('', '', '')).to.deep.equal({ uid: 0, gid: 0 });
  });

  it('reads files with line ends of Windows', () => {
    expect(resolveUser('kedro', PASSWD.replaceAll('\n', '\r\n'), '')).to.deep.equal({ uid: 1000, gid: 1000 });
  });

  it('is always two numbers, or nobody', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('kedro', '7', 'kedro:staff', '7:8', ':staff', ':'),
        fc.string(),
        fc.string(),
        (user, a, b) => {
          const owner = resolveUser(user, `${a}\n${PASSWD}`, `${b}\n${GROUP}`);
          if (owner !== undefined)
            expect([Number.isInteger(owner.uid), Number.isInteger(owner.gid)]).to.deep.equal([true, true]);
        },
      ),
    );
  });
});
