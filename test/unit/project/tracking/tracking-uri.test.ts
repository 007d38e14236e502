import { expect } from 'chai';
import fc from 'fast-check';
import { classifyTrackingUri, redactUri, type TrackingUri } from '../../../../src/project/tracking/tracking-uri.js';

describe('classifyTrackingUri', () => {
  const kinds: [uri: string | null | undefined, kind: TrackingUri['kind']][] = [
    [undefined, 'unset'],
    [null, 'unset'],
    ['', 'unset'],
    ['  ', 'unset'],
    ['https://mlflow.example.com', 'remote'],
    ['http://mlflow:5000/prefix', 'remote'],
    ['HTTPS://MLFLOW.EXAMPLE.COM', 'remote'],
    ['http://10.0.0.7:5000', 'remote'],
    ['http://[2001:db8::1]:5000', 'remote'],
    ['http://user:pass@mlflow.example.com', 'remote'],
    ['azureml://westeurope.api.azureml.ms/mlflow/v1.0/x', 'remote'],
    ['arn:aws:sagemaker:eu-west-1:123456789012:mlflow-tracking-server/x', 'remote'],
    ['databricks', 'databricks'],
    ['databricks-uc', 'databricks'],
    ['databricks://profile', 'databricks'],
    ['databricks.csv', 'relative-path'],
    ['databricks-old', 'relative-path'],
    ['uc:https://unity.example.com', 'remote'],
    ['uc:http://localhost:8080', 'loopback'],
    ['mlruns', 'relative-path'],
    ['./mlruns', 'relative-path'],
    ['../mlruns', 'relative-path'],
    ['data/08_reporting/mlruns', 'relative-path'],
    ['localhost', 'relative-path'],
    ['/mnt/mlruns', 'file'],
    ['C:\\mlruns', 'file'],
    ['c:/mlruns', 'file'],
    ['\\\\server\\share', 'file'],
    ['file:///mnt/mlruns', 'file'],
    ['file:mlruns', 'file'],
    ['sqlite:///mlflow.db', 'database-file'],
    ['sqlite:////abs/mlflow.db', 'database-file'],
    ['sqlite://', 'database-file'],
    ['postgresql://db.example.com/mlflow', 'database'],
    ['postgresql+psycopg2://db:5432/mlflow', 'database'],
    ['postgresql:///mlflow', 'database'],
    ['mysql+pymysql://u:p@db/mlflow', 'database'],
    ['mssql+pyodbc://db/mlflow?driver=x', 'database'],
    ['postgres://db.example.com/mlflow', 'invalid'],
    ['postgresql://LOCALHOST/mlflow', 'loopback'],
    ['http://localhost:5000', 'loopback'],
    ['HTTP://LOCALHOST', 'loopback'],
    ['http://localhost.', 'loopback'],
    ['http://mlflow.localhost:5000', 'loopback'],
    ['http://localhost.example.com', 'remote'],
    ['http://notlocalhost', 'remote'],
    ['http://127.0.0.1:5000', 'loopback'],
    ['http://127.8.9.1', 'loopback'],
    ['http://127.1', 'loopback'],
    ['http://2130706433', 'loopback'],
    ['http://128.0.0.1', 'remote'],
    ['http://127.0.0.1.nip.io', 'remote'],
    ['http://0.0.0.0:5000', 'loopback'],
    ['http://[::1]:5000', 'loopback'],
    ['http://[::]:5000', 'loopback'],
    ['http://[::ffff:127.0.0.1]:5000', 'loopback'],
    ['http://[::2]:5000', 'remote'],
    ['http://user@localhost:5000', 'loopback'],
    ['http://localhost@mlflow.example.com', 'remote'],
    ['http://host.docker.internal:5000', 'host-gateway'],
    ['http://host.containers.internal', 'host-gateway'],
    ['http://host.docker.internal.example.com', 'remote'],
    ['127.0.0.1:5000', 'invalid'],
    ['localhost:5000', 'invalid'],
    ['mlflow.example.com:5000/path', 'invalid'],
    ['http://', 'invalid'],
    ['http:///path', 'invalid'],
    ['http:/mlflow.example.com', 'invalid'],
    ['http:mlflow.example.com', 'invalid'],
    ['http://ho st', 'invalid'],
    ['http://host\nname', 'invalid'],
    ['http://host:port', 'invalid'],
    ['http://[::1', 'invalid'],
    ['htp://mlflow.example.com', 'invalid'],
    ['htttps://mlflow.example.com', 'invalid'],
    ['mlflow-artifacts:/x', 'invalid'],
    ['dbfs:/x', 'invalid'],
    ['s3://bucket/x', 'invalid'],
    ['gs://bucket/x', 'invalid'],
    ['myplugin://server', 'unknown-scheme'],
  ];
  for (const [uri, kind] of kinds) {
    it(`${JSON.stringify(uri)} is ${kind}`, () => {
      expect(classifyTrackingUri(uri).kind).to.equal(kind);
    });
  }

  it('says why an address is invalid', () => {
    expect(classifyTrackingUri('127.0.0.1:5000').reason).to.equal('http:// or https:// is missing before the host');
    expect(classifyTrackingUri('postgres://db/x').reason).to.contain('postgresql://');
    expect(classifyTrackingUri('http://mlflow').reason).to.equal(undefined);
  });

  const credentials: [uri: string, expected: TrackingUri['credentials']][] = [
    ['https://mlflow.example.com', 'none'],
    ['https://@mlflow.example.com', 'none'],
    ['https://mlflow.example.com:5000/#/experiments/1', 'none'],
    ['https://mlflow.example.com/?owner=a@b.com', 'none'],
    ['https://mlflow.example.com/?key=1', 'none'],
    ['databricks', 'none'],
    ['mlruns', 'none'],
    ['https://ada@mlflow.example.com', 'user'],
    ['https://ada:@mlflow.example.com', 'user'],
    ['https://ada:hunter2@mlflow.example.com', 'password'],
    ['https://:hunter2@mlflow.example.com', 'password'],
    ['https://ada%3Ahunter2@mlflow.example.com', 'password'],
    ['https://ada:hun%40ter@mlflow.example.com', 'password'],
    ['https://ada:a@b:c@mlflow.example.com', 'password'],
    ['https://ada:hun/ter@mlflow.example.com', 'password'],
    ['postgresql://ada:hunter2@db/mlflow', 'password'],
    ['postgresql://ada@db/mlflow', 'user'],
    ['postgresql://db/mlflow?user=ada&password=hunter2', 'password'],
    ['https://mlflow.example.com/?access_token=hunter2', 'password'],
    ['uc:http://ada:hunter2@unity', 'password'],
    ['ada:hunter2@mlflow.example.com:5000', 'password'],
  ];
  for (const [uri, expected] of credentials) {
    it(`${uri} holds ${expected === 'none' ? 'no credentials' : `a ${expected}`}`, () => {
      expect(classifyTrackingUri(uri).credentials).to.equal(expected);
    });
  }

  it('never throws, and never shows a password', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(classifyTrackingUri(text).kind).to.be.a('string');
      }),
    );
  });
});

describe('redactUri', () => {
  const cases: [text: string, expected: string][] = [
    ['https://mlflow.example.com', 'https://mlflow.example.com'],
    ['https://ada:hunter2@mlflow.example.com/x', 'https://***@mlflow.example.com/x'],
    ['https://token@mlflow.example.com', 'https://***@mlflow.example.com'],
    ['https://ada:hun/t@r2@mlflow.example.com', 'https://***@mlflow.example.com'],
    ['https://ada:hun ter@mlflow.example.com', 'https://***@mlflow.example.com'],
    ['ada:hunter2@mlflow.example.com', '***@mlflow.example.com'],
    [
      'cannot reach https://ada:hunter2@mlflow.example.com: refused',
      'cannot reach https://***@mlflow.example.com: refused',
    ],
    ['a https://u:p@h b http://v:q@i c', 'a https://***@h b http://***@i c'],
    ['https://u:p@h\nhttps://v:q@i', 'https://***@h\nhttps://***@i'],
    ['http://h/x?access_token=abc&y=1', 'http://h/x?access_token=***&y=1'],
    ['postgresql://h/x?sslpassword=abc', 'postgresql://h/x?sslpassword=***'],
    ['write to ada@example.com', 'write to ada@example.com'],
    ['registry:5000/a:v1@sha256:0123abcd', 'registry:5000/a:v1@sha256:0123abcd'],
    ['docker://registry:5000/a:v1@sha256:0123abcd', 'docker://registry:5000/a:v1@sha256:0123abcd'],
    ['pushed registry:5000/a:v1@sha256:0123abcd', 'pushed registry:5000/a:v1@sha256:0123abcd'],
    ['', ''],
  ];
  for (const [text, expected] of cases) {
    it(`${JSON.stringify(text)} becomes ${JSON.stringify(expected)}`, () => {
      expect(redactUri(text)).to.equal(expected);
    });
  }

  const password = fc
    .string({ minLength: 8, maxLength: 30 })
    .filter((text) => !/[\r\n]/.test(text) && !/sha\d+:/i.test(text) && !text.includes('***'));
  const scheme = fc.constantFrom('http', 'https', 'postgresql+psycopg2', 'HTTP');

  it('never leaks the password of a URI, whatever stands in it', () => {
    fc.assert(
      fc.property(scheme, password, (name, secret) => {
        expect(redactUri(`${name}://ada:${secret}@mlflow.example.com:5000/x`)).to.equal(
          `${name}://***@mlflow.example.com:5000/x`,
        );
      }),
    );
  });

  it('never leaks the password of a URI inside a sentence, unless there is a space in it', () => {
    fc.assert(
      fc.property(
        scheme,
        password.filter((text) => !/\s/.test(text)),
        (name, secret) => {
          expect(redactUri(`cannot reach ${name}://ada:${secret}@mlflow.example.com today`)).to.equal(
            `cannot reach ${name}://***@mlflow.example.com today`,
          );
        },
      ),
    );
  });

  it('changes nothing the second time', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.webUrl({ withQueryParameters: true }),
          password.map((p) => `x http://u:${p}@h?token=${p}`),
        ),
        (text) => {
          expect(redactUri(redactUri(text))).to.equal(redactUri(text));
        },
      ),
    );
  });

  it('takes linear time on text made to slow it down', () => {
    for (const text of [
      'a'.repeat(500_000),
      'a://'.repeat(100_000),
      '?token'.repeat(50_000),
      '@sha256:a'.repeat(30_000),
      ':@'.repeat(100_000),
    ]) {
      expect(redactUri(`x ${text}`)).to.be.a('string');
    }
  });
});
