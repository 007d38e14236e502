import { expect } from 'chai';
import { EngineFault, faultHint, isFault, silence } from '../../../../src/places/engine/fault.js';
import { EngineRefusal } from '../../../../src/places/engine/answer.js';

describe('a fault of the engine’s answer', () => {
  it('is known by its kind, whichever copy of the class it was made of', () => {
    const fault = new EngineFault('cut', 'x');
    expect([isFault(fault), isFault(fault, 'cut'), isFault(fault, 'silent', 'cut')]).to.deep.equal([true, true, true]);
    expect([isFault(fault, 'silent'), isFault(fault, 'silent', 'foreign')]).to.deep.equal([false, false]);
    const copy = Object.assign(new Error('x'), { name: 'EngineFault', kind: 'foreign' });
    expect([isFault(copy), isFault(copy, 'foreign'), isFault(copy, 'cut')]).to.deep.equal([true, true, false]);
    const bare = Object.assign(new Error('x'), { name: 'EngineFault' });
    expect([isFault(bare), isFault(bare, 'cut')]).to.deep.equal([true, false]);
  });

  it('is nothing else: no refusal, no other error, nothing that was not thrown as one', () => {
    for (const other of [
      new EngineRefusal('no such image', 404),
      Object.assign(new Error('x'), { kind: 'cut' }),
      { name: 'EngineFault', kind: 'cut' },
      'EngineFault',
      undefined,
      null,
    ]) {
      expect([isFault(other), isFault(other, 'cut'), faultHint(other)]).to.deep.equal([false, false, undefined]);
    }
  });

  it('keeps what it came of', () => {
    const cause = new Error('read ECONNRESET');
    const fault = new EngineFault('foreign', 'x', { cause, status: 403 });
    expect([fault.cause, fault.status]).to.deep.equal([cause, 403]);
    const bare = new EngineFault('foreign', 'x');
    expect('cause' in bare).to.equal(false);
    expect(bare.status).to.equal(undefined);
  });

  it('is silence where an answer was waited for, which says how long', () => {
    expect(silence(30_000)).to.include({
      kind: 'silent',
      message: 'the Docker engine does not answer (waited 30 s)',
    });
    expect(silence(700).message).to.contain('(waited 0.7 s)');
  });

  it('says what to do, and for each kind something else', () => {
    expect(faultHint(silence(1))).to.match(/^restart Docker/);
    expect(faultHint(new EngineFault('foreign', 'x'))).to.match(/^something else answers in its place.*DOCKER_HOST/);
    expect(faultHint(new EngineFault('cut', 'x'))).to.match(/^check that the engine is running/);
  });
});
