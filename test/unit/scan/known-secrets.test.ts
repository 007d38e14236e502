import { expect } from 'chai';
import { knownSecrets } from '../../../src/scan/known-secrets.js';
import type { LayerContents } from '../../../src/scan/image-secrets.js';

const [CLEAN, LEAKY] = ['a', 'b'].map((digit) => `sha256:${digit.repeat(64)}`) as [string, string];
const TOKEN = ['ghp', 'aB3'.repeat(12)].join('_');

describe('what is known of an image before it is pushed', () => {
  const verdicts = {
    find: (digest: string): Promise<LayerContents | undefined> =>
      Promise.resolve(
        digest === LEAKY
          ? {
              files: [
                { path: 'app/.git/config', verdict: { why: 'contains a GitHub token', isCertain: true, line: 3 } },
              ],
              repositories: [],
              deleted: [],
              isUnread: false,
            }
          : undefined,
      ),
  };
  const known = async (env: string[], createdBy: string, layers: string[]): Promise<string[]> => {
    const images = {
      history: () =>
        Promise.resolve([
          { createdBy, size: 1 },
          { createdBy: 'FROM base', size: 1 },
        ]),
    };
    const configuration = { env, entrypoint: [], cmd: [], workingDirectory: '/', user: '', labels: {} };
    const findings = await knownSecrets(images, { id: 'sha256:1', layers, configuration }, verdicts);
    return findings.map(({ severity, message }) => `${severity}: ${message}`);
  };

  it('is what an earlier scan found in a layer, with the step that made it', async () => {
    expect(await known([], 'COPY . . # buildkit', [CLEAN, LEAKY])).to.deep.equal([
      'error: /app/.git/config, line 3 in layer 2 of 2 (sha256:bbbbbbbbbbbb, COPY . .) contains a GitHub token',
    ]);
  });

  it('is what its variables and its history say, without any scan', async () => {
    const [variable, step] = await known([`MLFLOW_TRACKING_TOKEN=${TOKEN}`], `RUN |1 A=${TOKEN} /bin/sh -c x`, [CLEAN]);
    expect(variable).to.match(/^error: the image sets MLFLOW_TRACKING_TOKEN/);
    expect(step).to.match(/^error: step 2 of the image's history/);
    expect([variable, step].join()).not.to.contain(TOKEN);
  });

  it('is nothing of an image without secrets', async () => {
    expect(await known(['PATH=/bin'], 'COPY . .', [CLEAN])).to.deep.equal([]);
  });
});
