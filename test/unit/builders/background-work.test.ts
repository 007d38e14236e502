import { expect } from 'chai';
import { BackgroundWork } from '../../../src/builders/background-work.js';

/** Goes on until it is stopped, and takes a moment to clear up. */
function endless(log: string[]): (signal: AbortSignal) => Promise<never> {
  return (signal) =>
    new Promise((_, reject) => {
      signal.addEventListener('abort', () => {
        setImmediate(() => {
          log.push('cleared up');
          reject(new Error('stopped'));
        });
      });
    });
}

describe('work in the background', () => {
  it('gives its result to whoever asks', async () => {
    const background = new BackgroundWork(new AbortController().signal);
    expect(await background.begin(() => Promise.resolve(1))).to.equal(1);
    await background.end();
  });

  it('has cleared up when it is ended', async () => {
    const background = new BackgroundWork(new AbortController().signal);
    const log: string[] = [];
    void background.begin(endless(log));
    await background.end();
    expect(log).to.deep.equal(['cleared up']);
  });

  it('stops with what it belongs to', async () => {
    const interrupted = new AbortController();
    const background = new BackgroundWork(interrupted.signal);
    const log: string[] = [];
    const work = background.begin(endless(log));
    interrupted.abort();
    expect(await work.catch((error: unknown) => String(error))).to.equal('Error: stopped');
    expect(log).to.deep.equal(['cleared up']);
  });

  it('fails for whoever asks, and ends nothing else where nobody does', async () => {
    const background = new BackgroundWork(new AbortController().signal);
    const work = background.begin(() => Promise.reject(new Error('broken')));
    // Node ends a process with an error that nobody hears of by now.
    await new Promise((resolve) => setImmediate(resolve));
    await background.end();
    expect(await work.catch((error: unknown) => String(error))).to.equal('Error: broken');
  });
});
