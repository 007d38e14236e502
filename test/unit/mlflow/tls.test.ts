import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { tlsOfMlflow } from '../../../src/mlflow/tls.js';
import { rejection } from '../../support/rejection.js';
import { TemporaryFolder } from '../temporary-folder.js';

/** The runtime's tests read the same file (test/runtime/test_tls.py). */
const CASES = JSON.parse(readFileSync(new URL('../../fixtures/tls.json', import.meta.url), 'utf8')) as {
  readonly files: Readonly<Record<string, readonly (keyof typeof PARTS)[]>>;
  /** Variables (a file of `files`, or a value after `=`), the scheme of the tracking URI, and what is wrong. */
  readonly problems: readonly (readonly [variables: Record<string, string>, scheme: string, problem: string | null])[];
};

const block = (kind: string, head = '') => `-----BEGIN ${kind}-----\n${head}aHVudGVyMg==\n-----END ${kind}-----\n`;

const PARTS = {
  certificate: block('CERTIFICATE'),
  'trusted certificate': block('TRUSTED CERTIFICATE'),
  key: block('PRIVATE KEY'),
  'rsa key': block('RSA PRIVATE KEY'),
  'encrypted key': block('ENCRYPTED PRIVATE KEY'),
  'old encrypted key': block('RSA PRIVATE KEY', 'Proc-Type: 4,ENCRYPTED\n'),
  words: 'words\n',
};

describe('the certificates of MLflow’s client', () => {
  let folder: TemporaryFolder;

  before(async () => {
    folder = await TemporaryFolder.create();
    for (const [name, parts] of Object.entries(CASES.files)) {
      await folder.write({ [name]: parts.map((part) => PARTS[part]).join('') });
    }
  });

  after(() => folder.remove());

  const read = (variables: Record<string, string>, scheme: string) =>
    tlsOfMlflow(
      new URL(`${scheme}://mlflow.example.com`),
      Object.fromEntries(
        Object.entries(variables).map(([name, value]) => [
          name,
          value.startsWith('=') ? value.slice(1) : folder.file(value),
        ]),
      ),
    );

  for (const [variables, scheme, problem] of CASES.problems) {
    it(`with ${JSON.stringify(variables)} for ${scheme} ${problem === null ? 'are usable' : 'are refused before a call'}`, async () => {
      if (problem === null) {
        await read(variables, scheme);
        return;
      }
      const error = await rejection(read(variables, scheme));
      expect(error).to.include({ code: 'configuration', message: problem.replace('FOLDER', folder.path) });
      expect(error.hint).to.match(/correct the path|unset/);
    });
  }

  it('are those of the variable that MLflow reads first, and no others', async () => {
    const variables = { MLFLOW_TRACKING_SERVER_CERT_PATH: 'trusted.pem', REQUESTS_CA_BUNDLE: 'authorities.pem' };
    expect(await read(variables, 'https')).to.deep.equal({ ca: PARTS['trusted certificate'] });
    expect(await read(variables, 'http')).to.deep.equal({});
    expect(await read({ REQUESTS_CA_BUNDLE: 'authorities.pem', CURL_CA_BUNDLE: 'trusted.pem' }, 'https')).to.deep.equal(
      {
        ca: PARTS.certificate,
      },
    );
    expect(await read({ MLFLOW_TRACKING_INSECURE_TLS: '=true', CURL_CA_BUNDLE: 'trusted.pem' }, 'https')).to.deep.equal(
      {
        verify: false,
      },
    );
  });
});
