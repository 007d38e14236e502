import { expect } from 'chai';
import { loginFor, parseNetrc, readNetrc } from '../../../../../src/builders/layers/wheels/netrc.js';
import { rejection } from '../../../../support/rejection.js';
import { TemporaryFolder } from '../../../temporary-folder.js';

const HOST = 'pypi.example.com';
const login = (text: string): string | undefined => {
  const entry = loginFor(HOST, parseNetrc(text));
  return entry && `${entry.login}:${entry.password}`;
};

describe('a netrc file', () => {
  for (const [what, text, expected] of [
    ['on one line', `machine ${HOST} login ada password pw`, 'ada:pw'],
    ['on several lines', `machine ${HOST}\n\tlogin ada\n\tpassword pw\n`, 'ada:pw'],
    ['in another order', `machine ${HOST} password pw login ada`, 'ada:pw'],
    ['with an account, which nobody asks for', `machine ${HOST} login ada account x password pw`, 'ada:pw'],
    ['with `user` in the place of `login`', `machine ${HOST} user ada password pw`, 'ada:pw'],
    ['in capitals, as hosts may be', `machine PyPI.Example.com login ada password pw`, 'ada:pw'],
    ['in quotes', `machine ${HOST} login "ada lovelace" password "p \\"w"`, 'ada lovelace:p "w'],
    ['with a backslash', String.raw`machine ${HOST} login ada password p\\w\ x`, String.raw`ada:p\w x`],
    ['with a password like a comment', `machine ${HOST} login ada password #pw`, 'ada:#pw'],
    ['with a password like a keyword', `machine ${HOST} login ada password machine`, 'ada:machine'],
    ['after a comment', `# machine ${HOST} login nobody password no\nmachine ${HOST} login ada password pw`, 'ada:pw'],
    ['before a comment', `machine ${HOST} login ada # login nobody\npassword pw`, 'ada:pw'],
    [
      'after a macro',
      `machine other macdef init\nmachine ${HOST} login nobody\n\nmachine ${HOST} login ada password pw`,
      'ada:pw',
    ],
    ['after a macro without end', `machine ${HOST} login ada password pw\nmacdef init\nlogin nobody`, 'ada:pw'],
    ['twice: the last', `machine ${HOST} login a password 1\nmachine ${HOST} login b password 2`, 'b:2'],
    ['by default', `machine other login no password no\ndefault login ada password pw`, 'ada:pw'],
    ['of its own, after the default', `default login no password no machine ${HOST} login ada password pw`, 'ada:pw'],
    ['without a password', `machine ${HOST} login token`, 'token:'],
    ['not of another host', 'machine example.com login ada password pw', undefined],
    ['not of a host below it', `machine a.${HOST} login ada password pw`, undefined],
    ['not without a host', 'login ada password pw', undefined],
    ['not in an empty file', '', undefined],
  ] as const) {
    it(`has the login of a host ${what}`, () => {
      expect(login(text)).to.equal(expected);
    });
  }

  describe('of the user', () => {
    let home: TemporaryFolder;
    beforeEach(async () => {
      home = await TemporaryFolder.create();
    });
    afterEach(() => home.remove());
    const named = (name: string): string => `machine ${HOST} login ${name} password pw\r\n`;
    const loginIn = async (environment: NodeJS.ProcessEnv): Promise<string | undefined> =>
      loginFor(HOST, await readNetrc(environment, home.path))?.login;

    it('is the one that NETRC names, else ~/.netrc, else ~/_netrc', async () => {
      expect(await loginIn({})).to.equal(undefined);
      await home.write({ _netrc: named('windows') });
      expect(await loginIn({ NETRC: '' })).to.equal('windows');
      await home.write({ '.netrc': named('home'), mine: named('mine') });
      expect(await loginIn({})).to.equal('home');
      expect(await loginIn({ NETRC: home.file('mine') })).to.equal('mine');
      expect(await loginIn({ NETRC: home.file('missing') })).to.equal(undefined);
    });

    it('is not taken for empty where it cannot be read', async () => {
      const error = await rejection(readNetrc({ NETRC: home.path }));
      expect([error.code, error.message]).to.deep.equal([
        'configuration',
        `${home.path} cannot be read: it is a folder`,
      ]);
    });
  });
});
