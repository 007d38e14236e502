import { expect } from 'chai';
import { buildContextHasNoCredentials } from '../../../../src/checks/rules/build-context-has-no-credentials.js';
import { contextWith, findingsOf, remediesOf } from '../../../support/check-rule.js';

const KEY = '-----BEGIN RSA PRIVATE KEY-----\nhunter2\n-----END RSA PRIVATE KEY-----\n';
const SERVICE_ACCOUNT = JSON.stringify({
  type: 'service_account',
  private_key: '-----BEGIN PRIVATE KEY-----\nhunter2',
});
const CERTIFICATE = '-----BEGIN CERTIFICATE-----\nabc\n-----END CERTIFICATE-----\n';

describe('build-context-has-no-credentials', () => {
  const certain: [file: string, content: string, why: string][] = [
    ['key.pem', KEY, 'contains a private key'],
    ['certs/server.key', KEY.replace('RSA ', ''), 'contains a private key'],
    ['.ssh/id_ed25519', KEY.replace('RSA', 'OPENSSH'), 'contains a private key'],
    ['keys/sa.json', SERVICE_ACCOUNT, 'is a Google service account key'],
    ['conf/base/parameters.json', SERVICE_ACCOUNT, 'is a Google service account key'],
    ['.netrc', 'machine x password hunter2', 'contains passwords'],
    ['.pypirc', 'password = hunter2', 'contains passwords'],
    ['.env', 'TOKEN=hunter2', 'contains environment variables, which are often secrets'],
    ['.env.production', 'TOKEN=hunter2', 'contains environment variables, which are often secrets'],
    ['src/credentials.yml', 'a: hunter2', 'is a credentials file, judging by its name'],
    ['aws_credentials.ini', 'a=hunter2', 'is a credentials file, judging by its name'],
    ['.aws/credentials', 'a=hunter2', 'is a credentials file, judging by its name'],
    ['keystore.p12', '\u0001', 'is a key store'],
  ];
  for (const [file, content, why] of certain) {
    it(`reports ${file}`, async () => {
      const given = { files: { [file]: content } };
      expect(await findingsOf(buildContextHasNoCredentials, given)).to.deep.equal([
        `error ${file}: ${file} ${why}, and .dockerignore does not exclude it from the image`,
      ]);
      expect(await remediesOf(buildContextHasNoCredentials, given)).to.deep.equal([
        `kedro docker init && echo '${file}' >> .dockerignore`,
      ]);
      const ignored = { files: { ...given.files, '.dockerignore': 'data' } };
      expect(await remediesOf(buildContextHasNoCredentials, ignored)).to.deep.equal([
        `printf '\\n${file}\\n' >> .dockerignore`,
      ]);
    });
  }

  it('warns of a name alone', async () => {
    expect(
      await findingsOf(buildContextHasNoCredentials, { files: { 'service-account.json': '{"a": 1}' } }),
    ).to.deep.equal([
      'warning service-account.json: service-account.json is named like a credentials file, and .dockerignore does not exclude it from the image',
    ]);
  });

  const fine: [name: string, files: Record<string, string>][] = [
    ['certificates', { 'ca.pem': CERTIFICATE, 'server.key': CERTIFICATE }],
    [
      'templates',
      { '.env.example': 'TOKEN=', 'credentials.sample.yml': 'a: 1', 'conf/credentials-template.yml': 'a: 1' },
    ],
    ['files of nothing but comments', { 'src/credentials.yml': '# here\n\n{}\n', '.env': '# TOKEN=\n' }],
    [
      'code about credentials',
      { 'src/demo/credentials.py': 'x = 1', 'docs/credentials.md': 'x', 'src/secrets.ts': 'x' },
    ],
    ['ordinary JSON', { 'data.json': '{"private_key_id": 1}', 'package.json': '{}' }],
    [
      'what kedro docker’s .dockerignore leaves out',
      { 'conf/local/credentials.yml': 'a: 1', 'conf/base/db_credentials.yml': 'a: 1', 'data/key.pem': KEY },
    ],
    [
      'third-party code',
      { '.venv/lib/certifi/cacert.pem': KEY, 'node_modules/x/key.pem': KEY, '.git/HEAD': 'ref: refs/heads/main' },
    ],
  ];
  for (const [name, files] of fine) {
    it(`is content with ${name}`, async () =>
      expect(await findingsOf(buildContextHasNoCredentials, { files })).to.deep.equal([]));
  }

  describe('in a file with an ordinary name', () => {
    // In two parts, so that nobody's scanner takes this file for a leak.
    const TOKEN = ['ghp', 'aB3'.repeat(12)].join('_');

    it('reports a token with its line, and never prints it', async () => {
      const given = { files: { 'notebooks.ipynb': `{\n "source": "x = '${TOKEN}'"\n}` } };
      expect(await findingsOf(buildContextHasNoCredentials, given)).to.deep.equal([
        'error notebooks.ipynb:2: notebooks.ipynb contains a GitHub token, and .dockerignore does not exclude it from the image',
      ]);
      expect(JSON.stringify(await buildContextHasNoCredentials.check(contextWith(given)))).not.to.contain(TOKEN);
    });

    // Folders that are skipped by their names elsewhere: whatever is copied is scanned.
    for (const file of [
      'conf/env/api.yml',
      'conf/venv/a.yml',
      'src/node_modules_of_ours/a.js',
      'mlruns/0/meta.yaml',
      '.tox/a.ini',
    ])
      it(`finds it in ${file}`, async () => {
        const [finding] = await findingsOf(buildContextHasNoCredentials, { files: { [file]: `token: ${TOKEN}` } });
        expect(finding).to.match(/^error .*contains a GitHub token/);
      });

    for (const file of ['.venv/lib/python3.11/site-packages/x/a.py', 'node_modules/x/a.js'])
      it(`only warns of it in an installed package, ${file}`, async () => {
        const [finding] = await findingsOf(buildContextHasNoCredentials, { files: { [file]: `token: ${TOKEN}` } });
        expect(finding).to.match(/^warning .*contains a GitHub token/);
      });

    it('finds it in the address of a git remote, and in what git sends along', async () => {
      const config = `[remote "origin"]\n\turl = https://me:${TOKEN}@github.com/acme/app.git\n`;
      for (const file of ['.git/config', 'vendor/lib.git/config', '.git/modules/x/config']) {
        const [finding] = await findingsOf(buildContextHasNoCredentials, { files: { [file]: config } });
        expect(finding, file).to.match(/^error /);
      }
    });

    it('says nothing of one that no COPY takes along', async () => {
      const copying = (...sources: string[]) => ({
        files: { 'docs/a.md': TOKEN, Dockerfile: `FROM python:3.11\nCOPY ${sources.join(' ')} /app/\n` },
      });
      expect(await findingsOf(buildContextHasNoCredentials, copying('src', 'pyproject.toml'))).to.deep.equal([]);
      for (const sources of [['.'], ['./'], ['docs'], ['d*'], ['docs/a.md', 'x'], ['$UNKNOWN']])
        expect(await findingsOf(buildContextHasNoCredentials, copying(...sources)), sources.join()).to.have.length(1);
    });

    it('looks into no data, however much of it there is', async () => {
      const context = contextWith({
        files: { 'a.csv': TOKEN, 'b.parquet': TOKEN, 'c.png': TOKEN, 'd.py': `\0${TOKEN}` },
      });
      expect(await buildContextHasNoCredentials.check(context)).to.deep.equal([]);
    });

    it('looks into 2500 texts at most, and says so', async () => {
      const files = Object.fromEntries(Array.from({ length: 2600 }, (_, index) => [`src/${index}.py`, 'x']));
      const context = contextWith({ files });
      const findings = await buildContextHasNoCredentials.check(context);
      expect(findings.map(({ severity, message }) => `${severity}: ${message}`)).to.deep.equal([
        'info: 100 more files that may contain secrets were not scanned',
      ]);
    });
  });

  it('goes by the project’s own .dockerignore, which may let conf/local through', async () => {
    const files = { '.dockerignore': 'data\n', 'conf/local/credentials.yml': 'a: hunter2', 'data/key.pem': KEY };
    expect(await findingsOf(buildContextHasNoCredentials, { files })).to.deep.equal([
      'error conf/local/credentials.yml: conf/local/credentials.yml is a credentials file, judging by its name, and .dockerignore does not exclude it from the image',
    ]);
  });

  it('finds what an exception brings back', async () => {
    const files = { '.dockerignore': '*\n!src\n', 'src/key.pem': KEY, 'other.pem': KEY };
    expect(await findingsOf(buildContextHasNoCredentials, { files })).to.have.length(1);
  });

  it('never prints what stands in a file', async () => {
    const files = Object.fromEntries(certain.map(([file, content]) => [file, content]));
    const findings = await buildContextHasNoCredentials.check(contextWith({ files }));
    expect(findings).to.have.length(certain.length);
    expect(JSON.stringify(findings)).to.not.contain('hunter2');
  });

  it('reads only files that may hold a key, and says how many it did not look at', async () => {
    const files = Object.fromEntries(
      Array.from({ length: 10_000 }, (_, index) => [`assets/${index}.${index % 10 === 0 ? 'json' : 'csv'}`, '{}']),
    );
    const context = contextWith({ files });
    const reads: string[] = [];
    const source = { ...context.source, read: (path: string) => (reads.push(path), context.source.read(path)) };
    const findings = await buildContextHasNoCredentials.check({ ...context, source });
    expect(reads.length).to.equal(500);
    expect(findings.map(({ severity, message }) => `${severity}: ${message}`)).to.deep.equal([
      'warning: 500 more files that may contain secrets were not scanned',
    ]);
  });
});
