import { expect } from 'chai';
import { secretsInVariable } from '../../../src/secrets/variable-secrets.js';

const base64 = (text: string): string => Buffer.from(text).toString('base64');

describe('the secrets in a variable', () => {
  const cases: readonly [what: string, name: string, value: string, ...secrets: string[]][] = [
    ['are its value, by its name', 'PGPASSWORD', 'hunter22', 'hunter22'],
    ['are a value that a shell would expand', 'MLFLOW_TRACKING_PASSWORD', 'pa$$w0rd{x}', 'pa$$w0rd{x}'],
    [
      'are base64 that begins with a slash',
      'AWS_SECRET_ACCESS_KEY',
      '/abcDEF123456789/abc+ef',
      '/abcDEF123456789/abc+ef',
    ],
    ['are a word that begins with a dot', 'API_TOKEN', '.hunter22', '.hunter22'],
    ['are no path', 'GOOGLE_APPLICATION_CREDENTIALS', '/home/ada/key.json'],
    ['are no path below the home folder', 'API_TOKEN', '~/token-1'],
    ['are no path at the root', 'API_TOKEN', '/token'],
    ['are no reference', 'API_TOKEN', '${TOKEN}'],
    ['are no template', 'API_TOKEN', '{{ token }}'],
    ['are no example', 'API_TOKEN', 'changeme'],
    [
      'are the key in a connection string',
      'AZURE_STORAGE_CONNECTION_STRING',
      'DefaultEndpointsProtocol=https;AccountName=ada;AccountKey=Zm9vYmFy==;EndpointSuffix=core.windows.net',
      'Zm9vYmFy==',
    ],
    ['are the password of a database', 'MSSQL', 'Driver={x};Uid=ada;Pwd=hunter22;', 'hunter22'],
    ['are a token in a query', 'WEBHOOK', 'https://x.test/?a=b&access_token=t0ken-1#z', 't0ken-1#z'],
    ['are the password of an address', 'DATABASE', 'postgres://ada:p%40ss%2Fw0rd@db/x', 'p%40ss%2Fw0rd', 'p@ss/w0rd'],
    ['are the password of a proxy without a scheme', 'https_proxy', 'ada:hunter22@proxy:3128', 'hunter22'],
    ['are the password of a connection in JSON', 'AIRFLOW_CONN_X', '{"login":"ada","password":"hunter22"}', 'hunter22'],
    [
      'are the logins of registries',
      'DOCKER_AUTH_CONFIG',
      `{"auths":{"r.test":{"auth":"${base64('ada:hunter22')}"}}}`,
      base64('ada:hunter22'),
      'hunter22',
    ],
    ['are a login in base64', 'REGISTRY_AUTH', base64('ada:hunter22'), base64('ada:hunter22'), 'hunter22'],
    [
      'are the header that git is given',
      'GIT_CONFIG_VALUE_0',
      `AUTHORIZATION: basic ${base64('x:hunter22')}`,
      base64('x:hunter22'),
      'hunter22',
    ],
    [
      'are a bearer token among headers, alone and with its scheme',
      'OTEL_EXPORTER_OTLP_HEADERS',
      'Authorization=Bearer%20t0ken-1',
      't0ken-1',
      'Bearer%20t0ken-1',
      'Bearer t0ken-1',
    ],
    ['are no name of an authentication', 'MLFLOW_TRACKING_AUTH', 'kdeploy'],
    ['are no value of a key', 'LABELS', 'key=production,sort_key=name'],
    ['are no words', 'MESSAGE', 'a=b; the password: see [the guide] {"password"'],
    ['are its value without the spaces around it', 'API_TOKEN', ' hunter22\n', 'hunter22'],
    ['are no bare reference', 'API_TOKEN', '$TOKEN'],
    ['are no command', 'API_TOKEN', '$(cat /run/token)'],
    ['are no template of a CI service', 'API_TOKEN', '${{ secrets.TOKEN }}'],
    ['are no word of a manual', 'API_TOKEN', '<your token>'],
    ['are no switch', 'API_TOKEN', 'true'],
    ['are no address', 'API_TOKEN', 'https://vault.test/x'],
    ['are no path below the folder', 'API_TOKEN', './token1'],
    ['are no path beside the folder', 'API_TOKEN', '../token1'],
    ['are no path with several folders', 'API_TOKEN', '/run/Secrets/token1'],
    ['are no path with a long name', 'API_TOKEN', '/run/my-secrets-of-2024-by-name'],
    ['are no path to a short name', 'API_TOKEN', '/run/aB3'],
    ['are what begins with a slash and holds digits', 'API_TOKEN', '/hunter22', '/hunter22'],
    ['are two slashes', 'API_TOKEN', '//hunter', '//hunter'],
    ['are base64 with a plus', 'API_TOKEN', '/run/a+b', '/run/a+b'],
    ['are random letters behind a slash', 'API_TOKEN', '/run/aB3dE5gH7jK9mN1p', '/run/aB3dE5gH7jK9mN1p'],
    ...['x$TOKEN', '$TOKEN-x', 'x$(a)', '$(a)x', 'x{{a}}', '{{a}}x', 'x<a>', '<a>x', '<a><b>', '${TOKEN}x'].map(
      (value): [string, string, string, string] => [
        `are ${value}, which is more than a reference`,
        'API_TOKEN',
        value,
        value,
      ],
    ),
    ['are no password of an address that is none', 'MAIL', 'ada:hunter22@proxy'],
    ['are no user and host without a scheme', 'NO_PROXY_FOR', 'ada:hunter22@proxy'],
    ['are the password of a proxy with a scheme', 'HTTP_PROXY', 'socks5://ada:hunter22@proxy:3128', 'hunter22'],
    ['are no base64 of something else', 'REGISTRY_AUTH', base64('no colon here')],
    ['are no base64 of bytes', 'REGISTRY_AUTH', base64('ada:hunter22\u0001')],
    ['are no bytes before a colon', 'REGISTRY_AUTH', base64('\u0001:hunter22')],
    ['are no login without an authentication', 'LOGIN', base64('ada:hunter22')],
    ['are no login without an authentication at the end of the name', 'AUTHORS', base64('ada:hunter22')],
    ['are one token, not the login within', 'HEADER', `bearer ${base64('x:hunter22')}`, base64('x:hunter22')],
    ['are a token as it is written, and as it is meant', 'HOOK', 'https://x.test/?token=a%2Fb', 'a%2Fb', 'a/b'],
    ['are a password in quotes', 'DSN', 'user=ada password="hunter 22"', 'hunter 22'],
    ['are a password with a percent sign', 'DSN', 'password=50%off', '50%off'],
    ['are a key with a name before it', 'DSN', 'keystore_password=hunter22', 'hunter22'],
    ['are the password of an address in JSON', 'SETTINGS', ' [{"url": "https://ada:hunter22@h"}]', 'hunter22'],
    ['are within lists of JSON', 'SETTINGS', '{"a": [{"b": {"token": "hunter22"}}]}', 'hunter22'],
    ['are none in what only begins like JSON', 'SETTINGS', '{"token": "hunter22"'],
    ['are none in what JSON says of words', 'SETTINGS', '"token"'],
    ['are none where JSON has none', 'SETTINGS', '[null, 1, {"user": "ada", "token_type": "bearer"}]'],
  ];
  for (const [what, name, value, ...secrets] of cases) {
    it(what, () => {
      const found = [...new Set(secretsInVariable(name, value))];
      expect(found).to.deep.equal(secrets);
    });
  }

  describe('are not the path of a file', () => {
    const found = (name: string, value: string, isWindows: boolean, ...files: string[]) => [
      ...new Set(secretsInVariable(name, value, { isWindows, exists: (file) => files.includes(file) })),
    ];
    const random = '/tmp/kdeploy-test-aB3xYz9/work tree';

    it('such as the current folder, which shells keep in PWD and OLDPWD, and drivers of databases a password', () => {
      for (const name of ['PWD', 'OLDPWD']) expect(found(name, random, false), name).to.deep.equal([]);
      for (const name of ['MYSQL_PWD', 'Pwd', 'DB_PWD'])
        expect(found(name, 'hunter22', false)).to.deep.equal(['hunter22']);
      expect(found('DSN', 'Driver={x};PWD=hunter22;', false)).to.deep.equal(['hunter22']);
    });

    it('which is there, however random the names of its folders', () => {
      expect(found('SIGNING_KEY', `${random}/key.pem`, false, `${random}/key.pem`)).to.deep.equal([]);
      expect(found('SIGNING_KEY', `${random}/key.pem`, false)).to.deep.equal([`${random}/key.pem`]);
      expect(found('SIGNING_KEY', 'key.pem', false, 'key.pem'), 'a word may be a file by chance').to.deep.equal([
        'key.pem',
      ]);
    });

    const windows: readonly [value: string, isSecret: boolean][] = [
      ['C:\\Users\\ada\\key.json', false],
      ['d:/Users/Ada Byron/key.json', false],
      ['\\\\nas\\team$\\key.json', false],
      ['C:\\Users\\aB3dE5gH7jK9mN1p\\key.json', true],
      ['C:hunter22', true],
      ['\\\\hunter22', true],
      ['hunter\\22', true],
    ];
    for (const [value, isSecret] of windows)
      it(`on Windows: ${value} is ${isSecret ? 'a secret' : 'none'}`, () => {
        expect(found('API_KEY', value, true)).to.deep.equal(isSecret ? [value] : []);
        expect(found('API_KEY', value, false), 'elsewhere it is none').to.deep.equal([value]);
        if (/^[A-Z]:\\/.test(value)) expect(found('API_KEY', value, true, value)).to.deep.equal([]);
      });
  });

  it('are not what variables hold that only name a file or a program', () => {
    const names = ['GIT_ASKPASS', 'SSH_ASKPASS', 'SSH_AUTH_SOCK', 'TLS_KEY_FILE', 'AWS_WEB_IDENTITY_TOKEN_FILE'];
    for (const name of [...names, 'VAULT_TOKEN_PATH', 'GOOGLE_GHA_CREDS_PATH', 'GIT_SSH_KEY_DIR'])
      expect([...secretsInVariable(name, '/tmp/ssh-aB3dE5gH7jK9mN1p/agent.1')], name).to.deep.equal([]);
  });
});
