import { expect } from 'chai';
import { indexSettings } from '../../../../../src/builders/layers/resolve/index-settings.js';
import { pipSettings } from '../../../../../src/builders/layers/resolve/pip-settings.js';
import type { UvSettings } from '../../../../../src/builders/layers/resolve/uv-settings.js';

const UV: UvSettings = {
  defaultIndex: undefined,
  hasIndexes: false,
  hasStrategy: false,
  hasPrerelease: false,
  hasKeyring: false,
  credentials: [],
  recipe: [],
};

interface Given {
  readonly pip?: Readonly<Record<string, string>>;
  /** Options in requirements.txt, a line each. */
  readonly lines?: readonly (readonly [name: string, value: string])[];
  readonly uv?: Partial<UvSettings>;
  readonly environment?: NodeJS.ProcessEnv;
}

function told({ pip = {}, lines = [], uv = {}, environment = {} }: Given) {
  const options = new Map(Object.entries(pip).map(([name, value]) => [name, { name, value, origin: 'pip.conf' }]));
  const requirements = lines.map(([name, value], index) => ({
    name,
    value,
    place: { file: 'requirements.txt', line: index + 1 },
  }));
  return indexSettings(
    pipSettings(options, '/project', '/home/ada'),
    { options: requirements, files: [] },
    { ...UV, ...uv },
    environment,
  );
}

const BEST = ['--index-strategy', 'unsafe-best-match'];

describe('how uv is told of pip’s indexes', () => {
  it('is left alone where nothing is set', () => {
    expect(told({})).to.deep.include({ environment: {}, words: [], notes: [], credentials: [], requiresHashes: false });
  });

  for (const { name, given, environment, words = [] } of [
    {
      name: 'one index takes the place of PyPI',
      given: { pip: { 'index-url': 'https://a' } },
      environment: { UV_DEFAULT_INDEX: 'https://a' },
    },
    {
      name: 'an extra index is asked beside PyPI',
      given: { pip: { 'extra-index-url': 'https://b' } },
      environment: { UV_INDEX: 'https://pypi.org/simple', UV_DEFAULT_INDEX: 'https://b' },
      words: BEST,
    },
    {
      name: 'several are asked in pip’s order, for the best version of all',
      given: { pip: { 'index-url': 'https://a', 'extra-index-url': 'https://b https://c' } },
      environment: { UV_INDEX: 'https://a https://b', UV_DEFAULT_INDEX: 'https://c' },
      words: BEST,
    },
    {
      name: '--index-url in the file counts in place of all before it, --extra-index-url beside them',
      given: {
        pip: { 'index-url': 'https://a', 'extra-index-url': 'https://b' },
        lines: [
          ['--extra-index-url', 'https://c'],
          ['--index-url', 'https://d'],
          ['--extra-index-url', 'https://e'],
        ],
      },
      environment: { UV_INDEX: 'https://d', UV_DEFAULT_INDEX: 'https://e' },
      words: BEST,
    },
    {
      name: 'what the user tells uv stays',
      given: {
        pip: { 'index-url': 'https://a', 'extra-index-url': 'https://b', 'find-links': '/w', 'trusted-host': 'h' },
        environment: { UV_INDEX: 'https://u', UV_FIND_LINKS: '/v', UV_INSECURE_HOST: 'g' },
        uv: { hasIndexes: true },
      },
      environment: {
        UV_INDEX: 'https://u https://a',
        UV_DEFAULT_INDEX: 'https://b',
        UV_FIND_LINKS: '/v,/w',
        UV_INSECURE_HOST: 'g h',
      },
    },
    {
      name: 'the strategy that the user has set stays',
      given: { pip: { 'index-url': 'https://a', 'extra-index-url': 'https://b' }, uv: { hasStrategy: true } },
      environment: { UV_INDEX: 'https://a', UV_DEFAULT_INDEX: 'https://b' },
    },
    {
      name: 'a folder with a comma is one folder',
      given: { pip: { 'find-links': 'a,b', 'no-index': 'true' } },
      environment: { UV_FIND_LINKS: '/project/a%2Cb' },
      words: ['--no-index'],
    },
    {
      name: 'other options go beside it',
      given: {
        pip: { 'no-deps': 'yes', 'no-binary': 'x,y', 'only-binary': ':all:', constraint: 'c.txt', pre: '1' },
        environment: { UV_CONSTRAINT: 'd.txt' },
      },
      environment: {},
      words: [
        ...['--prerelease', 'allow', '--no-deps', '--no-binary', 'x', '--no-binary', 'y', '--only-binary', ':all:'],
        ...['--constraints', 'd.txt', '--constraints', '/project/c.txt'],
      ],
    },
    {
      name: 'a constraint with a password goes into the environment',
      given: { pip: { constraint: 'https://ada:pw@h/c.txt' } },
      environment: { UV_CONSTRAINT: 'https://ada:pw@h/c.txt' },
    },
    {
      name: 'a user without a password is looked up in the keyring',
      given: { pip: { 'index-url': 'https://ada@a' } },
      environment: { UV_DEFAULT_INDEX: 'https://ada@a', UV_KEYRING_PROVIDER: 'subprocess' },
    },
    {
      name: 'a proxy and certificates that are set already stay',
      given: {
        pip: { proxy: 'p:1', cert: '/c.pem', timeout: '3' },
        environment: { https_proxy: 'http://q', SSL_CERT_FILE: '/d.pem' },
      },
      environment: { UV_HTTP_TIMEOUT: '3' },
    },
  ] as readonly {
    name: string;
    given: Given;
    environment: Record<string, string>;
    words?: readonly string[];
  }[]) {
    it(name, () => {
      const settings = told(given);
      expect(settings.environment).to.deep.equal(environment);
      expect(settings.words).to.deep.equal(words);
      expect(settings.notes).to.deep.equal([]);
    });
  }

  it('never has a password in an argument', () => {
    const url = 'https://ada:correct-horse-7@example.com/x';
    const pip = {
      'index-url': url,
      'extra-index-url': url,
      'find-links': url,
      constraint: url,
      'build-constraint': url,
    };
    const settings = told({ pip: { ...pip, proxy: url }, lines: [['--index-url', url]] });
    expect(settings.words.join(' ')).not.to.contain('correct-horse-7');
    expect(settings.credentials).to.deep.equal([
      { url: 'https://example.com/x', username: 'ada', password: 'correct-horse-7' },
    ]);
  });

  it('lets uv’s default index count more, and says so, with the extra ones beside it', () => {
    const settings = told({
      pip: { 'index-url': 'https://a', 'extra-index-url': 'https://b' },
      uv: { defaultIndex: 'uv.toml' },
    });
    expect(settings.environment).to.deep.equal({ UV_INDEX: 'https://b' });
    expect(settings.words).to.deep.equal([]);
    expect(settings.notes).to.deep.equal([
      "the default index of uv.toml is used, not that of pip.conf: uv's own settings count more",
    ]);
  });

  it('says that uv’s indexes are asked although pip may ask none', () => {
    const settings = told({ pip: { 'no-index': 'yes' }, uv: { hasIndexes: true } });
    expect(settings.words).to.deep.equal([]);
    expect(settings.notes).to.have.lengthOf(1);
  });

  it('says which options of the file uv does not apply, and applies those that it has by another name', () => {
    const settings = told({
      lines: [
        ['--prefer-binary', ''],
        ['--pre', ''],
        ['--trusted-host', 'h'],
        ['--require-hashes', ''],
        ['--use-feature', 'x'],
      ],
    });
    expect(settings.words).to.deep.equal(['--prerelease', 'allow']);
    expect(settings.environment).to.deep.equal({ UV_INSECURE_HOST: 'h' });
    expect(settings.requiresHashes).to.equal(true);
    expect(settings.notes).to.deep.equal([
      'uv has no counterpart of --prefer-binary (requirements.txt:1), so it is not applied: name the packages with --only-binary, or pin versions that have wheels',
    ]);
  });

  it('knows which packages are to be built from source', () => {
    const { isFromSource } = told({ pip: { 'no-binary': ':all:' }, lines: [['--only-binary', 'A_b']] });
    expect([isFromSource('x'), isFromSource('a-b')]).to.deep.equal([true, false]);
    expect(told({ lines: [['--no-binary', 'X']] }).isFromSource('x')).to.equal(true);
    expect(told({}).isFromSource('x')).to.equal(false);
  });
});
