import { expect } from 'chai';
import fc from 'fast-check';
import { publicRemoteUrl, remoteLocation } from '../../../src/git/remote-url.js';

describe('the address of a remote', () => {
  for (const [remote, shown, location] of [
    ['https://github.com/acme/app.git', 'https://github.com/acme/app.git', 'github.com acme/app'],
    ['https://github.com/acme/app/', 'https://github.com/acme/app/', 'github.com acme/app'],
    ['https://me:hunter2@GitHub.com/acme/app', 'https://github.com/acme/app', 'github.com acme/app'],
    ['https://hunter2@github.com/acme/app', 'https://github.com/acme/app', 'github.com acme/app'],
    [
      'https://gitlab.com/acme/team/app.git?token=hunter2#x',
      'https://gitlab.com/acme/team/app.git',
      'gitlab.com acme/team/app',
    ],
    ['git@github.com:acme/app.git', 'ssh://github.com/acme/app.git', 'github.com acme/app'],
    ['github.com:acme/app.git', 'ssh://github.com/acme/app.git', 'github.com acme/app'],
    ['host:/srv/app.git', 'ssh://host/srv/app.git', 'host srv/app'],
    ['ssh://git@github.com:22/acme/app.git', 'ssh://github.com:22/acme/app.git', 'github.com acme/app'],
    ['git://example.com/app', 'git://example.com/app', 'example.com app'],
    ['https://github.com', 'https://github.com/', undefined],
    ['/srv/git/app.git', undefined, undefined],
    ['../app', undefined, undefined],
    ['C:\\git\\app', undefined, undefined],
    ['file:///srv/git/app.git', undefined, undefined],
    ['', undefined, undefined],
  ] as const) {
    it(`${remote || '(nothing)'} is shown as ${shown ?? 'nothing'}`, () => {
      expect(publicRemoteUrl(remote)).to.equal(shown);
      const found = remoteLocation(remote);
      expect(found === undefined ? undefined : `${found.host} ${found.path}`).to.equal(location);
    });
  }

  it('never shows a password, and never throws', () => {
    const part = fc.stringMatching(/^[\w.%-]{0,8}$/);
    fc.assert(
      fc.property(part, part, part, (user, host, path) => {
        const remote = `https://${user}:hunter2hunter2@${host}/${path}`;
        expect(JSON.stringify([publicRemoteUrl(remote), remoteLocation(remote)])).not.to.contain('hunter2');
      }),
    );
    fc.assert(fc.property(fc.string(), (remote) => void remoteLocation(remote)));
  });
});
