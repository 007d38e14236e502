import { expect } from 'chai';
import { accountOf, type Account, type AccountIds } from '../../../../../src/builders/layers/base/account.js';
import type { AccountFileName, BaseFacts } from '../../../../../src/builders/layers/base/base-facts.js';
import { KdeployError } from '../../../../../src/errors.js';
import { accountFile, DEBIAN_FACTS } from './facts.js';

const HOME = 'home/kedro_docker';

const account = (facts: Partial<BaseFacts> = {}, ids: Partial<AccountIds> = {}): Account =>
  accountOf({ ...DEBIAN_FACTS, ...facts }, { uid: 999, gid: 0, ...ids });

const withFile = (name: AccountFileName, content: string): Partial<BaseFacts> => ({
  accounts: { ...DEBIAN_FACTS.accounts, [name]: accountFile(name, content) },
});

const without = (...names: readonly string[]): Partial<BaseFacts> => ({
  accounts: Object.fromEntries(Object.entries(DEBIAN_FACTS.accounts).filter(([name]) => !names.includes(name))),
});

const withLogin = (loginDefaults: Readonly<Record<string, string>>): Partial<BaseFacts> => ({
  loginDefaults: { ...DEBIAN_FACTS.loginDefaults, ...loginDefaults },
});

function entryAt({ entries }: Account, path: string): string | undefined {
  const entry = entries.find((each) => each.path === path);
  if (entry === undefined) return undefined;
  return `${entry.type === 'link' ? `> ${entry.target}` : entry.mode.toString(8)} ${entry.uid}:${entry.gid}`;
}

function bytesAt({ entries }: Account, path: string): Buffer | undefined {
  const entry = entries.find((each) => each.path === path);
  return entry?.type === 'file' && entry.content.kind === 'bytes' ? Buffer.from(entry.content.bytes) : undefined;
}

function added(made: Account, name: AccountFileName, facts: Partial<BaseFacts> = {}): string | undefined {
  const before = { ...DEBIAN_FACTS, ...facts }.accounts[name]?.content ?? '';
  const after = bytesAt(made, `etc/${name}`)?.toString('latin1');
  if (after !== undefined) expect(after.startsWith(before)).to.equal(true);
  return after?.slice(before.length);
}

describe('the account of an image', () => {
  it('is the user that kedro-docker’s template makes, and a group that has no part in it', () => {
    const made = account();
    expect(added(made, 'passwd')).to.equal('kedro_docker:x:999:0::/home/kedro_docker:/bin/bash\n');
    expect(added(made, 'shadow')).to.equal('kedro_docker:!::0:99999:7:::\n');
    // The group ID 0 is root’s: groupadd -f gives the group another one.
    expect(added(made, 'group')).to.equal('kedro_group:x:1000:\n');
    expect(added(made, 'gshadow')).to.equal('kedro_group:!::\n');
    expect(made.home).to.equal(HOME);
    expect(made.entries.map(({ path }) => path)).to.deep.equal([
      ...['etc', 'etc/passwd', 'etc/group', 'etc/shadow', 'etc/gshadow', 'home', HOME, `${HOME}/.profile`],
    ]);
  });

  it('keeps the modes and owners of the files, and gives the home folder to the user', () => {
    const made = account({}, { gid: 1234 });
    const paths = ['etc/passwd', 'etc/shadow', 'home', HOME, `${HOME}/.profile`];
    expect(paths.map((path) => entryAt(made, path))).to.deep.equal([
      ...['644 0:0', '640 0:42', '755 0:0', '755 999:1234', '644 999:1234'],
    ]);
    expect(added(made, 'group')).to.equal('kedro_group:x:1234:\n');
    expect(added(made, 'passwd')).to.include('kedro_docker:x:999:1234:');
  });

  it('keeps bytes that are not UTF-8, and ends a last line', () => {
    const facts = withFile('passwd', 'r\xe9my:x:5:5:::');
    expect([...(bytesAt(account(facts), 'etc/passwd') ?? [])].slice(0, 3)).to.deep.equal([0x72, 0xe9, 0x6d]);
    expect(added(account(facts), 'passwd', facts)).to.match(/^\nkedro_docker:/);
  });

  it('adds a group only where there is none of that name', () => {
    const facts = withFile('group', 'root:x:0:\nkedro_group:x:55:\n');
    const made = account(facts);
    expect([added(made, 'group'), added(made, 'gshadow')]).to.deep.equal([undefined, undefined]);
    expect(added(account(facts, { gid: 55 }), 'passwd')).to.include('kedro_docker:x:999:55:');
  });

  it('needs neither a shadow file nor groups', () => {
    const made = account(without('shadow', 'gshadow', 'subuid', 'subgid', 'group'));
    expect(added(made, 'passwd')).to.equal('kedro_docker:!:999:0::/home/kedro_docker:/bin/bash\n');
    expect(entryAt(made, 'etc/group')).to.equal(undefined);
  });

  it('has subordinate IDs in the range of ordinary users', () => {
    const made = account({}, { uid: 1000 });
    for (const name of ['subuid', 'subgid'] as const) expect(added(made, name)).to.equal('kedro_docker:100000:65536\n');
    for (const [uid, login] of [
      [60_001, {}],
      [1000, { UID_MIN: '1001' }],
      [1000, { SUB_UID_COUNT: '0' }],
    ] as const)
      expect(entryAt(account(withLogin(login), { uid }), 'etc/subuid'), JSON.stringify(login)).to.equal(undefined);
  });

  const modes: readonly [login: Record<string, string>, expected: string][] = [
    [{ UMASK: '077' }, '700'],
    [{ UMASK: '0x3f' }, '700'],
    [{ UMASK: '077', HOME_MODE: '0750' }, '750'],
    [{ HOME_MODE: 'abc' }, '755'],
    // C reads it as a decimal number.
    [{ HOME_MODE: '750' }, '1356'],
  ];
  for (const [login, expected] of modes)
    it(`has a home folder of mode ${expected} for ${JSON.stringify(login)}`, () => {
      expect(entryAt(account(withLogin(login)), HOME)).to.equal(`${expected} 999:0`);
    });

  it('has password ages as the base sets them', () => {
    const facts = {
      loginDefaults: { PASS_MIN_DAYS: '3', PASS_MAX_DAYS: '-1' },
      useraddDefaults: { INACTIVE: '5', EXPIRE: '2030-01-01' },
    };
    expect(added(account(facts), 'shadow')).to.equal('kedro_docker:!::3:::5:21915:\n');
  });

  it('begins with what the base has for a new home folder', () => {
    const made = account({
      skeleton: [
        { type: 'folder', path: 'd', mode: 0o2750 },
        { type: 'file', path: 'd/x', mode: 0o4711, base64: '' },
        { type: 'link', path: 'own', target: '/etc/skel/d' },
        { type: 'link', path: 'other', target: '/etc/passwd' },
        { type: 'link', path: 'relative', target: 'd' },
      ],
    });
    expect(['d', 'd/x', 'own', 'other', 'relative'].map((path) => entryAt(made, `${HOME}/${path}`))).to.deep.equal([
      ...['2750 999:0', '4711 999:0', '> /home/kedro_docker/d 999:0', '> /etc/passwd 999:0', '> d 999:0'],
    ]);
  });

  it('lives behind the base’s links', () => {
    const made = account({
      places: {
        ...DEBIAN_FACTS.places,
        home: { type: 'link', path: 'var/home' },
        'var/home': { type: 'folder', mode: 0o711, uid: 0, gid: 0 },
      },
    });
    expect(made.home).to.equal('var/home/kedro_docker');
    expect([entryAt(made, 'home'), entryAt(made, 'var/home')]).to.deep.equal([undefined, '711 0:0']);
    expect(added(made, 'passwd')).to.include(':/home/kedro_docker:');
  });

  it('leaves a home folder alone that the base has', () => {
    const folder = { type: 'folder', mode: 0o700, uid: 7, gid: 7 } as const;
    const made = account({ places: { ...DEBIAN_FACTS.places, [HOME]: folder } });
    expect(made.home).to.equal(HOME);
    expect([entryAt(made, HOME), entryAt(made, `${HOME}/.profile`)]).to.deep.equal([undefined, undefined]);
  });

  it('has a mailbox where the base wants one', () => {
    const useraddDefaults = { CREATE_MAIL_SPOOL: 'yes' };
    const mailbox = (facts: Partial<BaseFacts>) => entryAt(account(facts), 'var/mail/kedro_docker');
    expect(mailbox({ useraddDefaults })).to.equal('660 999:8');
    expect(entryAt(account({ useraddDefaults }), 'var/mail')).to.equal('2775 0:8');
    expect(mailbox({ useraddDefaults, ...withFile('group', 'root:x:0:\n') })).to.equal('600 999:0');
    expect(mailbox({ useraddDefaults, places: {} })).to.equal(undefined);
    expect(mailbox({})).to.equal(undefined);
  });

  // prettier-ignore
  const refused: readonly [what: string, facts: Partial<BaseFacts>, ids: Partial<AccountIds>, expected: RegExp][] = [
    ['the user ID is taken', {}, { uid: 0 }, /user ID 0 is taken .* by root/],
    ['the user is there', withFile('passwd', 'kedro_docker:x:5:5:::\n'), {}, /user kedro_docker/],
    ['the group has another ID', withFile('group', 'kedro_group:x:55:\n'), { gid: 1234 }, /than 1234/],
    ['there are no users', without('passwd'), {}, /etc\/passwd/],
    ['no group ID is free', withLogin({ GID_MIN: '100', GID_MAX: '100' }), {}, /all group IDs/],
    ['no subordinate ID is free', withLogin({ SUB_GID_MIN: '5', SUB_GID_MAX: '9' }), { uid: 1000 }, /etc\/subgid/],
    ['home is a file', { places: { home: { type: 'file' } } }, {}, /file is in the way/],
    ['the home folder is a file', { places: { [HOME]: { type: 'file' } } }, {}, /file is in the way/],
  ];
  for (const [what, facts, ids, expected] of refused)
    it(`is refused where ${what}, with what to do`, () => {
      const make = (): Account => account(facts, ids);
      expect(make).to.throw(KdeployError, expected).with.property('code', 'configuration');
      expect(make).to.throw(KdeployError).with.property('hint').that.is.a('string');
    });
});
