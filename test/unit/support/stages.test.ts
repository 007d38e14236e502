import { expect } from 'chai';
import { runStages, type Stage } from '../../support/stages.mjs';

describe('the stages of the tests', () => {
  async function run(stages: readonly Stage[]): Promise<{ failed: [string, number][]; lines: string[] }> {
    const lines: string[] = [];
    const print = (text: unknown): void =>
      void lines.push(
        String(text)
          .replace(/\d+\.\d s$/, '… s')
          .trim(),
      );
    const failed = await runStages(stages, { processId: () => undefined, interrupt: () => undefined, print });
    return { failed: [...failed], lines };
  }

  it('all run, also after one that failed or could not be started, and report', async () => {
    const { failed, lines } = await run([
      ['lint', () => Promise.resolve(2), 1],
      ['types', () => Promise.reject(new Error('no such program')), 1],
      ['build', () => Promise.resolve(0), 1],
      ['integration tests', () => Promise.resolve(0), 1, 'build'],
    ]);
    expect(failed).to.deep.equal([
      ['lint', 2],
      ['types', 1],
    ]);
    expect(lines).to.deep.equal([
      '== lint',
      '== lint: failed (exit code 2), … s',
      '== types',
      'Error: no such program',
      '== types: failed (exit code 1), … s',
      '== build',
      '== build: passed, … s',
      '== integration tests',
      '== integration tests: passed, … s',
    ]);
  });

  it('do not run without the stage that they need', async () => {
    const { failed, lines } = await run([
      ['build', () => Promise.resolve(1), 1],
      ['integration tests', () => Promise.reject(new Error('must not run')), 1, 'build'],
    ]);
    expect(failed).to.deep.equal([['build', 1]]);
    expect(lines.at(-1)).to.equal('== integration tests: not run, because build failed');
  });
});
