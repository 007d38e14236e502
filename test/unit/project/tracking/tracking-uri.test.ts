import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import fc from 'fast-check';
import { classifyTrackingUri, misplacedUri, type TrackingUri } from '../../../../src/project/tracking/tracking-uri.js';

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

  it('says what it gives away, and shows it without', () => {
    expect(classifyTrackingUri(' postgresql://ada:hunter2@db/mlflow ')).to.include({
      credentials: 'password',
      redacted: 'postgresql://***@db/mlflow',
    });
    expect(classifyTrackingUri('postgresql://ada@db/mlflow')).to.include({ credentials: 'none' });
  });

  it('never throws', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(classifyTrackingUri(text).kind).to.be.a('string');
      }),
    );
  });
});

/** The runtime's tests read the same file (test/runtime/test_client_settings.py). */
const URIS = JSON.parse(
  readFileSync(new URL('../../../fixtures/tracking-uris.json', import.meta.url), 'utf8'),
) as readonly (readonly [uri: string, of: string | null, server: string | null])[];

describe('an address that a browser shows', () => {
  for (const [uri, of, server] of URIS) {
    it(`${uri.replace('hunter2', '…')} is ${of === null ? 'none' : `the address of ${of}`}`, () => {
      expect(misplacedUri(uri)).to.deep.equal(of === null ? undefined : { of, server });
      if (of === null) return;
      const { kind, reason, meant } = classifyTrackingUri(uri);
      expect({ kind, reason, meant }).to.deep.equal({
        kind: 'invalid',
        reason: `it is the address of ${of}`,
        meant: server,
      });
    });
  }
});
