import { expect } from 'chai';
import { imageSecrets, type ImageContents } from '../../../src/scan/image-secrets.js';

const SECRET = 'planted-51ab90-value';
const NOTHING = { files: [], deleted: [], isUnread: false, repositories: [] };
const certain = { why: 'contains a private key', isCertain: true, line: 3 };
const digest = (letter: string) => `sha256:${letter.repeat(64)}`;

const messages = (contents: Partial<ImageContents>): string[] =>
  imageSecrets({ layers: [], history: [], env: [], labels: {}, ...contents }).map(
    ({ severity, message }) => `${severity}: ${message}`,
  );

describe('imageSecrets', () => {
  it('names the layer by number, digest and step, and says what a later layer deleted', () => {
    const history = [
      { createdBy: '/bin/sh -c #(nop) ADD file:12 in / ', isEmpty: false },
      { createdBy: 'ENV A=1', isEmpty: true },
      { createdBy: 'COPY . . # buildkit', isEmpty: false },
      { createdBy: `|1 A=${SECRET} /bin/sh -c rm -r keys https://a:${SECRET}@b`, isEmpty: false },
    ];
    const layers = [
      { ...NOTHING, digest: digest('a') },
      {
        ...NOTHING,
        digest: digest('b'),
        files: ['app/keys/a.pem', 'app/keysb'].map((path) => ({ path, verdict: certain })),
      },
      { ...NOTHING, digest: digest('c'), deleted: ['app/keys'] },
    ];
    expect(messages({ layers, history }).slice(0, 2)).to.deep.equal([
      'error: /app/keys/a.pem, line 3 in layer 2 of 3 (sha256:bbbbbbbbbbbb, COPY . .) contains a private key; a later layer deletes it, but it can still be read',
      'error: /app/keysb, line 3 in layer 2 of 3 (sha256:bbbbbbbbbbbb, COPY . .) contains a private key',
    ]);
    expect(messages({ layers, history: [] })[0]).to.contain('(sha256:bbbbbbbbbbbb) contains');
  });

  it('says of a layer that cannot be read that it was not', () => {
    expect(messages({ layers: [{ ...NOTHING, isUnread: true, digest: digest('a') }] })).to.deep.equal([
      'warning: layer 1 of 1 (sha256:aaaaaaaaaaaa) was not scanned: it is compressed with zstd',
    ]);
  });

  it('finds secrets in variables and labels', () => {
    const env = [
      `DB_PASSWORD=${SECRET}`,
      `MLFLOW_TRACKING_TOKEN=${SECRET}`,
      'PATH=/usr/bin',
      `URL=https://a:${SECRET}@b.c`,
    ];
    expect(messages({ env, labels: { note: `https://a:${SECRET}@b.c`, title: 'x' } })).to.deep.equal([
      'warning: the image sets DB_PASSWORD to a value; anyone with the image can read it',
      'error: the image sets MLFLOW_TRACKING_TOKEN to a value; anyone with the image can read it',
      'error: the image sets URL to a value that contains a URL with a password; anyone with the image can read it',
      'error: the label note contains a URL with a password',
    ]);
  });

  const steps: [createdBy: string, expected: string | undefined][] = [
    [
      `|2 KEDRO_UID=999 API_TOKEN=${SECRET} /bin/sh -c pip install x`,
      "warning: step 1 of the image's history (RUN pip install x) sets API_TOKEN to a value",
    ],
    [
      `RUN |1 API_TOKEN=${SECRET} /bin/sh -c pip install x y z # buildkit`,
      "warning: step 1 of the image's history (RUN pip install x …) sets API_TOKEN to a value",
    ],
    [
      `/bin/sh -c #(nop)  ARG API_TOKEN=${SECRET}`,
      "warning: step 1 of the image's history (ARG …) sets API_TOKEN to a value",
    ],
    [
      `/bin/sh -c pip install -i https://a:${SECRET}@b.c/simple x`,
      "error: step 1 of the image's history (RUN pip install -i …) contains a URL with a password",
    ],
    [`/bin/sh -c #(nop)  ENV API_TOKEN=${SECRET}`, undefined],
    ['|1 KEDRO_UID=999 /bin/sh -c useradd x', undefined],
  ];
  for (const [createdBy, expected] of steps) {
    it(`${expected === undefined ? 'is content with' : 'reports'} the step ${createdBy}`, () => {
      const found = messages({ history: [{ createdBy, isEmpty: false }] });
      expect(found).to.deep.equal(expected === undefined ? [] : [expected]);
      expect(found.join()).not.to.contain(SECRET);
    });
  }
});
