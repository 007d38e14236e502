import { expect } from 'chai';
import { silent } from '../../src/progress.js';

describe('progress that says nothing', () => {
  it('does the work anyway, and passes on how it ended', async () => {
    silent.note('x');
    const done = silent.step('title', (step) => {
      step.update('x');
      step.line('x');
      step.note('x');
      step.result('x');
      return Promise.resolve(3);
    });
    expect(await done).to.equal(3);
    const failure = new Error('x');
    expect(await silent.step('title', () => Promise.reject(failure)).catch((error: unknown) => error)).to.equal(
      failure,
    );
  });
});
