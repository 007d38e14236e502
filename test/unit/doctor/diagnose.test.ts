import { expect } from 'chai';
import { diagnose } from '../../../src/doctor/diagnose.js';
import type { Probe } from '../../../src/doctor/probe.js';
import { KdeployError } from '../../../src/errors.js';
import { inProject } from './contexts.js';

const probe = (run: Probe['run'], id = 'kedro') => ({ id, title: 'kedro', run }) satisfies Probe;

describe('a diagnosis', () => {
  it('has every probe’s finding, in the order of the probes and not of their answers', async () => {
    let answerFirst = (): void => undefined;
    const first = new Promise<void>((resolve) => (answerFirst = resolve));
    const found = await diagnose(
      [
        probe(() => first.then(() => ({ status: 'ok', detail: 'slow' })), 'slow'),
        // Answers the first one: probes that ran one after the other would never end.
        probe(() => {
          answerFirst();
          return Promise.resolve({ status: 'skipped', detail: 'quick' });
        }, 'quick'),
      ],
      inProject(),
    );
    expect(found).to.deep.equal([
      { id: 'slow', title: 'kedro', status: 'ok', detail: 'slow' },
      { id: 'quick', title: 'kedro', status: 'skipped', detail: 'quick' },
    ]);
  });

  it('gives every probe what there is to look at', async () => {
    const context = inProject();
    const seen: unknown[] = [];
    const look = probe((given) => {
      seen.push(given);
      return Promise.resolve({ status: 'ok', detail: '' });
    });
    await diagnose([look, look], context);
    expect(seen).to.deep.equal([context, context]);
  });

  const failures: readonly [what: string, thrown: unknown, detail: string, remedy: string][] = [
    [
      'what is missing, with its hint',
      new KdeployError('tool-missing', 'no kedro was found', { hint: 'name it with --kedro' }),
      'no kedro was found',
      'name it with --kedro',
    ],
    [
      'what is missing, without one',
      new KdeployError('usage', 'the image name is empty'),
      'the image name is empty',
      'fix what the message reports',
    ],
    [
      'an error that nobody foresaw, as a bug',
      new TypeError('x is not a function'),
      'could not be checked: x is not a function',
      'this is a bug in kdeploy; please report it',
    ],
    ['an error that is no Error', 'gone', 'could not be checked: gone', 'this is a bug in kdeploy; please report it'],
    [
      'an error that quotes an address, without its secret',
      new Error('no answer from https://me:hunter2-secret@mlflow.acme.io'),
      'could not be checked: no answer from https://***@mlflow.acme.io',
      'this is a bug in kdeploy; please report it',
    ],
  ];
  for (const [what, thrown, detail, remedy] of failures) {
    it(`tells ${what}, and goes on to the other probes`, async () => {
      const found = await diagnose(
        [
          probe(() => {
            throw thrown;
          }, 'broken'),
          probe(() => Promise.resolve({ status: 'ok', detail: 'well' })),
        ],
        inProject(),
      );
      expect(found[0]).to.deep.equal({ id: 'broken', title: 'kedro', status: 'failed', detail, remedy });
      expect(found[1]).to.include({ status: 'ok', detail: 'well' });
    });
  }

  it('survives a probe whose promise is rejected as well', async () => {
    const broken = probe(() => Promise.reject(new KdeployError('configuration', 'broken later')));
    expect((await diagnose([broken], inProject()))[0]).to.include({ status: 'failed', detail: 'broken later' });
  });
});
