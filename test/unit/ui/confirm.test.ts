import { PassThrough } from 'node:stream';
import { expect } from 'chai';
import { rejection } from '../../support/rejection.js';
import { confirm } from '../../../src/ui/confirm.js';

async function answer(text: string): Promise<{ isConfirmed: boolean; shown: string }> {
  const [input, output] = [new PassThrough(), new PassThrough()];
  input.end(text);
  const isConfirmed = await confirm('Apply these changes?', { input, output }, new AbortController().signal);
  return { isConfirmed, shown: String(output.read()) };
}

describe('a question', () => {
  for (const [text, expected] of [
    ['y\n', true],
    ['yes\n', true],
    ['Y\n', true],
    [' yes \n', true],
    ['n\n', false],
    ['\n', false],
    ['yellow\n', false],
    ['', false],
  ] as const) {
    it(`is answered ${expected ? 'yes' : 'no'} by ${JSON.stringify(text)}`, async () => {
      expect((await answer(text)).isConfirmed).to.equal(expected);
    });
  }

  it('says what is the answer of those who give none', async () => {
    expect((await answer('\n')).shown).to.contain('Apply these changes? [y/N] ');
  });

  it('ends with Ctrl-C on a terminal, which sends it as a sign', async () => {
    const [input, output] = [new PassThrough(), Object.assign(new PassThrough(), { isTTY: true })];
    input.end('y\u0003');
    const error = await rejection(confirm('?', { input, output }, new AbortController().signal));
    expect([error.code, error.exitCode]).to.deep.equal(['interrupted', 130]);
  });

  it('ends when the command is interrupted', async () => {
    const controller = new AbortController();
    const asked = confirm('?', { input: new PassThrough(), output: new PassThrough() }, controller.signal);
    controller.abort(new Error('interrupted'));
    const error = await asked.catch((thrown: unknown) => thrown);
    expect(error).to.be.instanceOf(Error);
  });
});
