import { Flags } from '@oclif/core';
import { captureOutput } from '@oclif/test';
import { expect } from 'chai';
import { KdeployError } from '../../../src/errors.js';
import { BaseCommand } from '../../../src/ui/base-command.js';
import { commandConfig } from '../commands/command-config.js';

/** What the command does; each test sets its own. */
let work: (command: Probe) => Promise<unknown>;

class Probe extends BaseCommand<unknown> {
  static override id = 'probe';
  static override flags = { count: Flags.integer(), color: Flags.boolean({ allowNo: true }) };

  async run(): Promise<unknown> {
    const { flags } = await this.parse(Probe);
    this.progress(flags).note('working');
    return work(this);
  }

  get interrupted(): AbortSignal {
    return this.signal;
  }
}

describe('what all commands share', () => {
  const listeners = new Map<string, readonly unknown[]>();

  beforeEach(() => {
    work = () => Promise.resolve({ done: true });
    for (const name of ['SIGINT', 'SIGTERM']) listeners.set(name, process.rawListeners(name));
  });

  afterEach(() => {
    process.exitCode = undefined;
    for (const name of ['SIGINT', 'SIGTERM']) {
      for (const listener of process.rawListeners(name)) {
        if (listeners.get(name)?.includes(listener) !== true) process.removeListener(name, listener as () => void);
      }
    }
  });

  const run = async (...argv: string[]): Promise<{ stdout: string; stderr: string; exitCode: unknown }> => {
    const { stdout, stderr } = await captureOutput(async () => Probe.run(argv, await commandConfig()));
    return { stdout, stderr, exitCode: process.exitCode };
  };

  it('is the result as JSON when that is asked for, alone on stdout', async () => {
    const { stdout, exitCode } = await run('--json');
    expect(JSON.parse(stdout)).to.deep.equal({ version: 1, done: true });
    expect(exitCode).to.equal(undefined);
  });

  it('is progress on stderr, and none with --quiet', async () => {
    expect(await run()).to.include({ stdout: '', stderr: 'working\n' });
    expect(await run('--quiet')).to.include({ stdout: '', stderr: '' });
  });

  it('is one place where errors become text and exit codes', async () => {
    work = () => Promise.reject(new KdeployError('push-failed', 'no', { hint: 'try again' }));
    expect(await run('-q')).to.deep.equal({ stdout: '', stderr: 'Error: no\n  next: try again\n', exitCode: 5 });
  });

  it('is the same error as JSON on stdout', async () => {
    work = () => Promise.reject(new KdeployError('push-failed', 'no'));
    const { stdout, stderr, exitCode } = await run('--json', '--quiet');
    expect(JSON.parse(stdout)).to.deep.equal({
      version: 1,
      error: { code: 'push-failed', message: 'no', exitCode: 5 },
    });
    expect([stderr, exitCode]).to.deep.equal(['', 5]);
  });

  it('is a bug that says so', async () => {
    work = () => Promise.reject(new TypeError('x is not a function'));
    const { stderr, exitCode } = await run('-q');
    expect(stderr).to.contain('this is a bug in kdeploy');
    expect(exitCode).to.equal(1);
  });

  const misspelled: readonly [argv: string[], error: string, meant: string | undefined][] = [
    [['--cuont', '3'], 'unknown flag: --cuont', '--count'],
    [['--jsn'], 'unknown flag: --jsn', '--json'],
    [['--no-colour'], 'unknown flag: --no-colour', '--no-color'],
    [['--verb', '--projct=x'], 'unknown flags: --verb, --projct', '--verbose and --project'],
    [['-z'], 'unknown flag: -z', undefined],
    [['--pasword=planted-secret'], 'unknown flag: --pasword', undefined],
  ];
  for (const [argv, error, meant] of misspelled) {
    it(`is a misspelled flag, with the one that was meant: ${argv.join(' ')}`, async () => {
      const { stderr, exitCode } = await run(...argv);
      const suggestion = meant === undefined ? '' : `did you mean ${meant}? `;
      expect(stderr).to.equal(`Error: ${error}\n  next: ${suggestion}see \`kdeploy probe --help\`\n`);
      expect(exitCode).to.equal(2);
    });
  }

  for (const argv of [['--count', 'three'], ['extra']]) {
    it(`is wrong usage that points to the help: ${argv.join(' ')}`, async () => {
      const { stderr, exitCode } = await run(...argv);
      expect(stderr)
        .to.match(/^Error: [^\n]/)
        .and.to.contain('next: see `kdeploy probe --help`');
      expect(stderr).not.to.contain('See more help');
      expect(exitCode).to.equal(2);
    });
  }

  it('is interruption: the first signal lets the command clear away, and its exit code is 130', async () => {
    work = (command) =>
      new Promise((_resolve, reject) => {
        command.interrupted.addEventListener('abort', () => reject(new Error('whatever a library says to that')));
        process.emit('SIGTERM');
      });
    expect(await run('-q')).to.deep.include({
      stderr: 'Error: interrupted\n  why: whatever a library says to that\n',
      exitCode: 130,
    });
  });

  for (const [what, cause, exitCode] of [
    ['that broke off because of it', (reason: unknown) => new Error('a layer was cut', { cause: reason }), 130],
    ['that would have failed anyway', () => new Error('no such image'), 5],
  ] as const) {
    it(`is interruption of a step ${what}: ${exitCode}`, async () => {
      work = (command) =>
        new Promise((_resolve, reject) => {
          command.interrupted.addEventListener('abort', () =>
            reject(new KdeployError('push-failed', 'not pushed', { cause: cause(command.interrupted.reason) })),
          );
          process.emit('SIGINT');
        });
      expect((await run('-q')).exitCode).to.equal(exitCode);
    });
  }
});
