import { expect } from 'chai';
import { judgeFile } from '../../../src/secrets/secret-files.js';

const URL = 'https://bot:hunter2-51ab@pypi.example.com/simple';
const judged = (path: string, text: string) => judgeFile(path, Buffer.from(text));

describe('the settings of tools', () => {
  const found: [path: string, text: string, why: string, line: number][] = [
    ['requirements.txt', `kedro\n--index-url ${URL}\n`, 'contains a URL with a password', 2],
    ['requirements/prod.in', `--extra-index-url ${URL}`, 'contains a URL with a password', 1],
    ['constraints.txt', `x @ ${URL}/x.whl`, 'contains a URL with a password', 1],
    ['pip.conf', `[global]\nindex-url = ${URL}`, 'contains a URL with a password', 2],
    ['pyproject.toml', `[[tool.uv.index]]\nname = "acme"\nurl = "${URL}"`, 'contains a URL with a password', 3],
    ['pyproject.toml', `[tool.uv]\nextra-index-url = ["${URL}"]`, 'contains a URL with a password', 2],
    ['pyproject.toml', `[[tool.poetry.source]]\nurl = "${URL}"`, 'contains a URL with a password', 2],
    ['pyproject.toml', `[project]\ndependencies = [\n  "x @ git+${URL}",\n]`, 'contains a URL with a password', 3],
    [
      'pyproject.toml',
      '[[tool.pdm.source]]\nusername = "bot"\npassword = "hunter2"',
      'contains a password or token',
      3,
    ],
    ['uv.lock', `source = { registry = "${URL}" }`, 'contains a URL with a password', 1],
    ['poetry.lock', `[package.source]\nurl = "${URL}"`, 'contains a URL with a password', 2],
    ['pdm.lock', `url = "${URL}/x.whl"`, 'contains a URL with a password', 1],
    ['Pipfile.lock', `{"_meta": {"sources": [{\n"url": "${URL}"}]}}`, 'contains a URL with a password', 2],
    ['Pipfile', `[[source]]\nurl = "${URL}"`, 'contains a URL with a password', 2],
    ['pylock.prod.toml', `url = "${URL}"`, 'contains a URL with a password', 1],
    ['environment-dev.yml', `dependencies:\n- pip:\n  - --index-url ${URL}`, 'contains a URL with a password', 3],
    ['uv.toml', `[[index]]\nurl = "${URL}"`, 'contains a URL with a password', 2],
    ['pixi.toml', `[pypi-options]\nindex-url = "${URL}"`, 'contains a URL with a password', 2],
    ['pixi.lock', `packages:\n- pypi: ${URL}/x.whl`, 'contains a URL with a password', 2],
    ['hatch.toml', `[envs.default.env-vars]\nPIP_INDEX_URL = "${URL}"`, 'contains a URL with a password', 2],
    ['.pdm.toml', `[pypi]\nurl = "${URL}"`, 'contains a URL with a password', 2],
    ['.hg/hgrc', `[paths]\ndefault = ${URL}`, 'contains a URL with a password', 2],
    ['.hgrc', '[auth]\nacme.password = hunter2-51ab', 'contains a password or token', 2],
    ['setup.cfg', `dependency_links = ${URL}`, 'contains a URL with a password', 1],
    ['.npmrc', '//npm.example.com/:_authToken=hunter2-51ab', 'contains a password or token', 1],
    ['.npmrc', 'registry=https://x\n_auth = "Ym90Omh1bnRlcjI="', 'contains a password or token', 2],
    ['.yarnrc.yml', 'npmScopes:\n  acme:\n    npmAuthToken: hunter2', 'contains a password or token', 3],
    ['.databrickscfg', '[DEFAULT]\nhost = https://x\ntoken = hunter2', 'contains a password or token', 3],
    ['home/.config/pypoetry/auth.toml', '[http-basic.acme]\npassword = "hunter2"', 'contains a password or token', 2],
    ['.git/config', `[remote "origin"]\n\turl = ${URL}`, 'contains a URL with a password', 2],
    ['libs/x/.git/config', `[url "${URL}"]\n\tinsteadOf = x`, 'contains a URL with a password', 1],
    ['.git/modules/x/config', `\tpushurl = ${URL}`, 'contains a URL with a password', 1],
    ['mirror.git/config', `\turl = ${URL}`, 'contains a URL with a password', 1],
    ['.git/logs/HEAD', `a b c\tclone: from ${URL}`, 'contains a URL with a password', 1],
    [
      '.git/config',
      '[http "https://github.com/"]\n\textraheader = AUTHORIZATION: basic eC1hY2Nlc3MtdG9rZW46aHVudGVyMg==',
      'contains an Authorization header',
      2,
    ],
    ['.gitconfig', '[http]\nextraHeader = "PRIVATE-TOKEN: hunter2-51ab"', 'contains an Authorization header', 2],
    ['.git/config', '[credential]\n\thelper = "!f() { echo password=hunter2; }; f"', 'contains a password', 2],
    ['.gitconfig', '[http]\n\n \n\textraheader = "PRIVATE-TOKEN: hunter2-51ab"', 'contains an Authorization header', 4],
    ['.gitconfig', '[credential]\n\n\thelper = "!f() { echo password=hunter2; }; f"', 'contains a password', 3],
    ['.npmrc', 'auth = "Ym90Omh1bnRlcjI="', 'contains a password or token', 1],
    ['.npmrc', 'keystore_password = hunter2-51ab', 'contains a password or token', 1],
    ...['api_key', 'apikey', 'access_key', 'accessKey', 'secret_key', 'secretKeys'].map(
      (key): [string, string, string, number] => ['.s3cfg', `${key} = hunter2-51ab`, 'contains a password or token', 1],
    ),
    ['.git/config', '[sendemail]\n\tsmtpPass = hunter2', 'contains a password or token', 2],
  ];
  for (const [path, text, why, line] of found) {
    it(`are searched for passwords: ${path}, ${JSON.stringify(text)}`, () =>
      expect(judged(path, text)).to.deep.equal({ why, line, isCertain: true }));
  }

  const fine: [path: string, text: string][] = [
    ['pyproject.toml', '[[tool.uv.index]]\nurl = "https://bot:${PASSWORD}@pypi.example.com/simple"'],
    ['pyproject.toml', '[tool.semantic_release.remote]\ntoken = { env = "GH_TOKEN" }'],
    ['pyproject.toml', '[tool.uv]\nkeyring-provider = "subprocess"\n[tool.x]\ncache-key = "abcdef"'],
    ['pip.conf', '[global]\nindex-url = https://__token__:%(token)s@pypi.example.com/simple'],
    ['.npmrc', '//npm.example.com/:_authToken=${NPM_TOKEN}\nregistry=https://registry.npmjs.org/'],
    ['.git/config', '[remote "origin"]\n\turl = https://bot@git.example.com/x.git\n\tfetch = +refs/heads/*'],
    ['.git/config', '[remote "origin"]\n\turl = git@github.com:acme/x.git\n[user]\n\tsigningkey = 0A1B2C3D4E5F'],
    ['.git/config', '[http]\n\textraheader = X-Trace: 0123456789\n[credential]\n\thelper = store'],
    ['uv.lock', 'source = { registry = "https://pypi.org/simple" }'],
    ['kaggle.json', '{}'],
    ['.npmrc', 'auth-type = legacy-web\nalways-auth = sometimes'],
    ['docs/gitconfig.md', 'password = hunter2-51ab'],
    ['uv.lock', 'password = hunter2-51ab'],
    ['README.md', 'password = hunter2-51ab\nextraheader = PRIVATE-TOKEN: hunter2-51ab\nhelper = x password=hunter2'],
    // What a document shows is no leak.
    ['README.md', URL],
    ['src/x/nodes.py', `URL = "${URL}"`],
  ];
  for (const [path, text] of fine)
    it(`may hold anything else: ${path}, ${JSON.stringify(text)}`, () =>
      expect(judged(path, text)).to.equal(undefined));

  it('are read where they are larger than any other text, as lock files are', () => {
    const padding = `# ${'x'.repeat(78)}\n`.repeat(30_000);
    expect(judged('uv.lock', `${padding}${URL}`)?.line).to.equal(30_001);
    expect(judged('notes.txt', `${padding}${URL}`)).to.equal(undefined);
  });

  it('are read as UTF-16 where PowerShell wrote them', () => {
    const content = Buffer.concat([
      Buffer.from([0xff, 0xfe]),
      Buffer.from(`kedro\r\n--index-url ${URL}\r\n`, 'utf16le'),
    ]);
    expect(judgeFile('requirements.txt', content)?.line).to.equal(2);
  });

  it('take no longer for a text that nearly matches everywhere', () => {
    for (const text of ['https://', 'a.'.repeat(100), '{"', ' helper = ', '\nextraheader = a: ', 'https://a:'])
      for (const path of ['.git/config', 'pyproject.toml']) {
        const began = process.cpuUsage();
        judged(path, text.repeat(1_000_000 / text.length));
        expect(process.cpuUsage(began).user / 1e6, text).to.be.lessThan(4);
      }
  });
});
