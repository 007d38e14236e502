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
    ['are a bearer token among headers', 'OTEL_EXPORTER_OTLP_HEADERS', 'Authorization=Bearer%20t0ken-1', 't0ken-1'],
    ['are no name of an authentication', 'MLFLOW_TRACKING_AUTH', 'kdeploy'],
    ['are no value of a key', 'LABELS', 'key=production,sort_key=name'],
    ['are no words', 'MESSAGE', 'a=b; the password: see [the guide] {"password"'],
    ['are none where JSON has none', 'SETTINGS', '[null, 1, {"user": "ada", "token_type": "bearer"}]'],
  ];
  for (const [what, name, value, ...secrets] of cases) {
    it(what, () => {
      const found = [...new Set(secretsInVariable(name, value))];
      expect(found).to.include.members(secrets);
      if (secrets.length === 0) expect(found).to.deep.equal([]);
    });
  }
});
