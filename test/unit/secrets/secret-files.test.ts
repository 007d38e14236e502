import { expect } from 'chai';
import {
  findInText,
  isInstalledPackage,
  isSuspicious,
  judgeFile,
  maximumBytes,
  mayHoldText,
} from '../../../src/secrets/secret-files.js';

// In parts, so that nobody's scanner takes this file for a leak.
const TOKEN = ['ghp', 'aB3'.repeat(12)].join('_');
const header = (kind: string): string => `-----BEGIN ${kind}-----`;
/** With the header of a key only, which says nothing outside of a file for keys. */
const KEY = `${header('RSA PRIVATE KEY')}\nhunter2\n`;
const WHOLE_KEY = `${header('PRIVATE KEY')}\n${'aB3/xYz9'.repeat(8)}\n`;
const SERVICE_ACCOUNT = `{"private_key" : "${header('PRIVATE KEY')}"}`;
const CERTIFICATE = `${header('CERTIFICATE')}\nabc\n`;
const URL = 'https://bot:hunter2-51ab@pypi.example.com/simple';

const INSTALLED = [
  '.venv/lib/python3.11/site-packages/x/a.py',
  'usr/lib/python3/dist-packages/x.py',
  'opt/lib64/python3.12/site-packages/x.py',
  'Lib/site-packages/x.py',
  'node_modules/x/a.js',
];
const OWN = ['src/a.py', 'site-packages/a.py', 'src/node_modules.js', 'my_node_modules/a.js'];

describe('a file of an installed package', () => {
  for (const path of INSTALLED) it(`is ${path}`, () => expect(isInstalledPackage(path)).to.equal(true));
  for (const path of OWN) it(`is not ${path}`, () => expect(isInstalledPackage(path)).to.equal(false));
});

describe('a name that is worth a look by itself', () => {
  for (const path of [
    'certs/server.key',
    'a.PEM',
    '.ssh/id_ed25519',
    '.netrc',
    'home/.pgpass',
    '.env',
    'a/.env.local',
    '.envrc',
    'data/a.json',
    'a.JSON',
    'pip.conf',
    'requirements/dev.txt',
    '.git/config',
    '.aws/credentials',
    'conf/credentials.yml',
    'my-secrets.toml',
    'service_account.txt',
  ])
    it(`is ${path}`, () => expect(isSuspicious(path)).to.equal(true));
  for (const path of [
    'a.keys',
    'id_rsa.pub',
    'my_id_rsa',
    'netrc.md',
    'x.env',
    '.environment',
    '.envrc.md',
    'a.envrc',
    'a.json5',
    'notes.txt',
    'credentials/notes.md',
    'credentials.py',
    'docs/secrets.md',
    'secretary.yml',
  ])
    it(`is not ${path}`, () => expect(isSuspicious(path)).to.equal(false));
});

describe('a file that may hold text', () => {
  for (const path of ['a.py', 'Dockerfile', 'a.csv.md', 'data.csv/notes'])
    it(`is ${path}`, () => expect(mayHoldText(path)).to.equal(true));
  for (const path of ['a.csv', 'x/a.PARQUET', 'a.png', 'a.so'])
    it(`is not ${path}`, () => expect(mayHoldText(path)).to.equal(false));
});

describe('a file', () => {
  const verdict = (path: string, content?: string | Buffer) =>
    judgeFile(path, content === undefined ? undefined : Buffer.from(content));

  const certain: [path: string, content: string | undefined, why: string][] = [
    ['keys/sa.json', SERVICE_ACCOUNT, 'is a Google service account key'],
    ['keys/SA.JSON', SERVICE_ACCOUNT, 'is a Google service account key'],
    ['key.pem', KEY, 'contains a private key'],
    ['.ssh/id_rsa', KEY, 'contains a private key'],
    ['a.p12', undefined, 'is a key store'],
    ['a.jks', '\u0001', 'is a key store'],
    ['.netrc', 'machine x', 'contains passwords'],
    ['.pgpass', undefined, 'contains passwords'],
    ['.env', 'A=b', 'contains environment variables, which are often secrets'],
    ['.envrc', 'A=b', 'contains environment variables, which are often secrets'],
    ['.env.prod', undefined, 'contains environment variables, which are often secrets'],
    ['conf/credentials.yml', 'a: b', 'is a credentials file, judging by its name'],
    ['conf/credentials.yml', '# of the database\r\n\r\na: b', 'is a credentials file, judging by its name'],
    ['conf/credentials.yml', 'a: {}', 'is a credentials file, judging by its name'],
    ['credentials.json.ini', 'a', 'is a credentials file, judging by its name'],
    ['service_account.txt', SERVICE_ACCOUNT, 'is a credentials file, judging by its name'],
    ['credentials.json.ini', SERVICE_ACCOUNT, 'is a credentials file, judging by its name'],
    ['credentials.txt', KEY, 'is a credentials file, judging by its name'],
    ['credentials.p12.txt', 'a', 'is a credentials file, judging by its name'],
    ['.aws/credentials', undefined, 'is a credentials file, judging by its name'],
  ];
  for (const [path, content, why] of certain)
    it(`${why}: ${path}, ${JSON.stringify(content?.slice(0, 40))}`, () =>
      expect(verdict(path, content)).to.deep.equal({ why, isCertain: true }));

  const perhaps: [path: string, content: string | undefined, why: string][] = [
    ['server.key', undefined, 'is named like a key'],
    ['.ssh/id_rsa', undefined, 'is named like a key'],
    ['service-account.json', '{"a": 1}', 'is named like a credentials file'],
    ['service-account.json', undefined, 'is named like a credentials file'],
  ];
  for (const [path, content, why] of perhaps)
    it(`${why}, perhaps: ${path}, ${JSON.stringify(content)}`, () =>
      expect(verdict(path, content)).to.deep.equal({ why, isCertain: false }));

  for (const [path, content] of [
    ['ca.pem', CERTIFICATE],
    ['notes.txt', KEY],
    ['notes.txt', SERVICE_ACCOUNT],
    ['sa.json5', SERVICE_ACCOUNT],
    ['data.json', undefined],
    ['data.json', '{"a": 1}'],
    ['keys.p12.md', 'x'],
    ['.env.example', 'TOKEN='],
    ['credentials.sample.yml', 'a: b'],
    ['conf/credentials.yml', '# here\r\n\r\n  # and here\n---\n  { }\n{}\n'],
    ['.netrc', '\n'],
    ['src/x/nodes.py', 'x = 1'],
    ['a.py', undefined],
  ] as const)
    it(`is nothing to report: ${path}, ${JSON.stringify(content?.slice(0, 40))}`, () =>
      expect(verdict(path, content)).to.equal(undefined));

  it('of any name gives away what its content shows, with the line', () => {
    expect(verdict('notes.txt', `a\n${TOKEN}`)).to.deep.equal({
      why: 'contains a GitHub token',
      line: 2,
      isCertain: true,
    });
    expect(verdict('pip.conf', `a\n${URL}`)).to.deep.equal({
      why: 'contains a URL with a password',
      line: 2,
      isCertain: true,
    });
    expect(verdict('nodes.py', `a = """\n${WHOLE_KEY}`)).to.deep.equal({
      why: 'contains a private key',
      line: 2,
      isCertain: true,
    });
  });

  it('with a suspicious name gives away the surer of both', () => {
    expect(verdict('service-account.json', `{"a": "${TOKEN}"}`)).to.deep.equal({
      why: 'contains a GitHub token',
      line: 1,
      isCertain: true,
    });
    expect(verdict('.netrc', TOKEN)).to.deep.equal({ why: 'contains passwords', isCertain: true });
  });

  for (const path of INSTALLED)
    it(`of a package may hold keys for its tests, but hardly a token: ${path}`, () => {
      expect(verdict(path.replace(/[^/]+$/, 'test.key'), KEY)).to.equal(undefined);
      expect(verdict(path.replace(/[^/]+$/, '.env'), 'A=b')).to.equal(undefined);
      expect(verdict(path, WHOLE_KEY)).to.equal(undefined);
      expect(verdict(path, TOKEN)).to.deep.equal({ why: 'contains a GitHub token', line: 1, isCertain: false });
    });

  it('that is no text is judged by its name', () => {
    expect(verdict('a.bin', `\0${TOKEN}`)).to.equal(undefined);
    expect(verdict('service-account.json', `\0${TOKEN}`)).to.deep.equal({
      why: 'is named like a credentials file',
      isCertain: false,
    });
    expect(verdict('a.txt', `${' '.repeat(8000)}\0${TOKEN}`)?.why).to.equal('contains a GitHub token');
  });

  it('is read as UTF-16 only where both bytes of its mark are there', () => {
    const utf16 = (...mark: number[]) => Buffer.concat([Buffer.from(mark), Buffer.from(TOKEN, 'utf16le')]);
    expect(findInText(utf16(0xff, 0xfe))?.why).to.equal('contains a GitHub token');
    for (const bytes of [utf16(0xff, 0x20), utf16(0x20, 0xfe)]) expect(findInText(bytes)).to.equal(undefined);
    expect(findInText(Buffer.from([0xff, 0x20, ...Buffer.from(TOKEN)]))?.why).to.equal('contains a GitHub token');
    expect(findInText(Buffer.from([0x20, 0xfe, ...Buffer.from(` ${TOKEN}`)]))?.why).to.equal('contains a GitHub token');
  });

  it('above a certain size is data, except for the settings of tools', () => {
    const [mega, limit] = [1024 * 1024, maximumBytes('notes.txt')];
    expect([limit, maximumBytes('uv.lock'), maximumBytes('a/pip.conf')]).to.deep.equal([mega, 5 * mega, 5 * mega]);
    const filled = (size: number) => TOKEN + '\n'.repeat(size - TOKEN.length);
    expect(verdict('notes.txt', filled(limit))?.why).to.equal('contains a GitHub token');
    expect(verdict('notes.txt', filled(limit + 1))).to.equal(undefined);
  });

  it('for keys is searched up to a size that no key has', () => {
    const filled = (text: string, size: number) => text + '\n'.repeat(size - text.length);
    expect(verdict('sa.json', filled(SERVICE_ACCOUNT, 64 * 1024))?.why).to.equal('is a Google service account key');
    expect(verdict('sa.json', filled(SERVICE_ACCOUNT, 64 * 1024 + 1))).to.equal(undefined);
  });
});
