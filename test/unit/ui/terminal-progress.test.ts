import { expect } from 'chai';
import { createProgress, type Verbosity, verbosityOf } from '../../../src/ui/terminal-progress.js';
import type { Progress } from '../../../src/progress.js';

/** Durations differ from run to run; everything else is exact. */
const withoutTimes = (text: string): string => text.replaceAll(/\d+(\.\d)? s\b/g, 'N s');

async function building(progress: Progress): Promise<unknown> {
  const failure = new Error('x');
  await progress.step('kedro docker build', (step) => {
    step.update('62 of 918 MB');
    step.line('Collecting kedro');
    step.note('kedro docker created Dockerfile');
    return Promise.resolve();
  });
  progress.note('the image is for linux/amd64');
  await progress.step('bake', (step) => {
    step.result('sha256:4be1');
    return Promise.resolve();
  });
  return progress.step('self-test', () => Promise.reject(failure)).catch((error: unknown) => error === failure);
}

describe('progress in a log', () => {
  const logged = async (verbosity: Verbosity): Promise<string> => {
    let written = '';
    const progress = createProgress(verbosity, { isTerminal: false, write: (text) => (written += text) });
    expect(await building(progress)).to.equal(true, 'the error of a step must reach the caller as it is');
    return withoutTimes(written);
  };

  it('is a line when a step begins and one when it ends, well or badly', async () => {
    expect(await logged('normal')).to.equal(`kedro docker build …
kedro docker created Dockerfile
kedro docker build: N s
the image is for linux/amd64
bake …
bake: sha256:4be1  (N s)
self-test …
self-test: failed after N s
`);
  });

  it('has the lines of the tools when it is to be verbose', async () => {
    expect(await logged('verbose')).to.contain('kedro docker build …\n  | Collecting kedro\nkedro docker created');
  });

  it('is nothing at all when it is to be quiet', async () => {
    expect(await logged('quiet')).to.equal('');
  });

  it('holds no escape sequence and no carriage return, in a log they are noise', async () => {
    // eslint-disable-next-line no-control-regex -- the escape character is what is looked for
    expect(await logged('verbose')).not.to.match(/[\u001B\r\u0007]/);
  });

  it('gives back what the step made', async () => {
    const progress = createProgress('normal', { isTerminal: false, write: () => undefined });
    expect(await progress.step('x', () => Promise.resolve(3))).to.equal(3);
  });
});

describe('progress on a terminal', () => {
  /** The spinner writes to stderr by itself. */
  const shown = async (verbosity: Verbosity): Promise<{ written: string; outcome: unknown }> => {
    let written = '';
    const ownWrite = process.stderr.write.bind(process.stderr);
    const write = (text: string): boolean => {
      written += text;
      return true;
    };
    process.stderr.write = write;
    try {
      const outcome = await building(createProgress(verbosity, { isTerminal: true, write }));
      return { written: withoutTimes(written), outcome };
    } finally {
      process.stderr.write = ownWrite;
    }
  };

  it('shows how each step ended, notes, and passes on results and errors', async () => {
    const { written, outcome } = await shown('normal');
    expect(outcome).to.equal(true);
    for (const part of [
      'kedro docker build  N s',
      'kedro docker created Dockerfile\n',
      'the image is for linux/amd64\n',
      'bake  sha256:4be1  (N s)',
      'self-test  failed after N s',
    ]) {
      expect(written).to.contain(part);
    }
    expect(written).not.to.contain('  | Collecting');
  });

  it('shows the lines of the tools when it is to be verbose', async () => {
    expect((await shown('verbose')).written).to.contain('  | Collecting kedro\n');
  });

  it('is nothing at all when it is to be quiet', async () => {
    expect((await shown('quiet')).written).to.equal('');
  });
});

describe('how much is said', () => {
  const cases: readonly [
    flags: Parameters<typeof verbosityOf>[0],
    environment: NodeJS.ProcessEnv,
    verbosity: Verbosity,
  ][] = [
    [{}, {}, 'normal'],
    [{ quiet: true }, {}, 'quiet'],
    [{ verbose: true }, {}, 'verbose'],
    [{ quiet: true, verbose: true }, { KDEPLOY_VERBOSE: '1' }, 'quiet'],
    [{}, { KDEPLOY_VERBOSE: '1' }, 'verbose'],
    [{}, { KDEPLOY_VERBOSE: '0' }, 'normal'],
    [{}, { KDEPLOY_VERBOSE: '' }, 'normal'],
    [{ quiet: false, verbose: false }, {}, 'normal'],
  ];
  for (const [flags, environment, verbosity] of cases) {
    it(`is ${verbosity} with ${JSON.stringify(flags)} and ${JSON.stringify(environment)}`, () => {
      expect(verbosityOf(flags, environment)).to.equal(verbosity);
    });
  }
});
