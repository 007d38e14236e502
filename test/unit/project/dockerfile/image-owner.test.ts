import { expect } from 'chai';
import { currentOwner, imageOwner } from '../../../../src/project/dockerfile/image-owner.js';

describe('the owner of the project’s files in the image', () => {
  const user = { uid: 1000, gid: 1001 };
  const root = { uid: 0, gid: 0 };
  const cases: readonly [
    what: string,
    asked: { uid: number | null; gid: number | null },
    current: typeof user,
    owner: typeof user,
  ][] = [
    ['is the current user', { uid: null, gid: null }, user, user],
    [
      'is kedro-docker’s own in place of root, whose ID useradd refuses',
      { uid: null, gid: null },
      root,
      { uid: 999, gid: 0 },
    ],
    ['is who was asked for', { uid: 5, gid: 6 }, user, { uid: 5, gid: 6 }],
    ['is who was asked for, root’s group included', { uid: 5, gid: 0 }, user, { uid: 5, gid: 0 }],
    ['is root when that was asked for', { uid: 0, gid: 0 }, user, root],
    ['can be asked for by half', { uid: 5, gid: null }, user, { uid: 5, gid: 1001 }],
    ['can be asked for by half as root', { uid: null, gid: 7 }, root, { uid: 999, gid: 7 }],
    ['keeps the group of a user in root’s group', { uid: null, gid: null }, { uid: 7, gid: 0 }, { uid: 7, gid: 0 }],
  ];
  for (const [what, asked, current, owner] of cases) {
    it(what, () => {
      expect(imageOwner(asked, current)).to.deep.equal(owner);
    });
  }

  it('knows who runs it', () => {
    expect(currentOwner()).to.deep.equal({ uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 });
  });
});
