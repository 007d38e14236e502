import { expect } from 'chai';
import fc from 'fast-check';
import { OutputTail } from '../../../src/builders/kedro/output-tail.js';

describe('the last lines of a tool', () => {
  it('are twenty, the newest', () => {
    const tail = new OutputTail();
    for (let line = 1; line <= 25; line++) tail.add(`line ${line}`);
    expect(tail.lines).to.have.lengthOf(20);
    expect([tail.lines[0], tail.lines.at(-1)]).to.deep.equal(['line 6', 'line 25']);
  });

  it('do not count empty ones, which are shown anyway', () => {
    const tail = new OutputTail();
    expect([tail.add('a'), tail.add(''), tail.add('  '), tail.add('b')]).to.deep.equal(['a', '', '  ', 'b']);
    expect(tail.lines).to.deep.equal(['a', 'b']);
  });

  const cleaned: readonly [line: string, shown: string][] = [
    ['\u001B[31mred\u001B[0m', 'red'],
    ['\u001B[2K\u001B[1Gdone', 'done'],
    ['\u001B[?25lhidden', 'hidden'],
    ['50%\r100%\r', '50%100%'],
    ['bell\u0007', 'bell'],
    ['a\tb', 'a\tb'],
    ['[31m is no colour', '[31m is no colour'],
    ['Größe → 3 ✓', 'Größe → 3 ✓'],
  ];
  for (const [line, shown] of cleaned) {
    it(`show ${JSON.stringify(line)} as ${JSON.stringify(shown)}`, () => {
      expect(new OutputTail().add(line)).to.equal(shown);
    });
  }

  it('never hold a secret, however often a line does', () => {
    const tail = new OutputTail(['hunter2-index', 'a.*b']);
    expect(tail.add('get https://me:hunter2-index@host/hunter2-index')).to.equal('get https://me:***@host/***');
    expect(tail.add('a.*b axxb')).to.equal('*** axxb');
    expect(tail.lines.join()).not.to.contain('hunter2');
  });

  it('leave nothing of a secret that holds another one', () => {
    expect(new OutputTail(['hunter2', 'hunter2-and-more']).add('x hunter2-and-more hunter2')).to.equal('x *** ***');
  });

  it('know a secret of several lines by each of them', () => {
    const tail = new OutputTail(['first-hunter2\nsecond-hunter2\n']);
    expect([tail.add('first-hunter2'), tail.add('= second-hunter2')]).to.deep.equal(['***', '= ***']);
  });

  it('know a secret that is coloured in the middle', () => {
    expect(new OutputTail(['hunter2']).add('hun\u001B[31mter2')).to.equal('***');
  });

  it('hold none of the secrets, whatever these are and wherever they stand', () => {
    // Without the stars, of which what takes their place is made.
    const secret = fc.stringMatching(/^[a-z0-9/:@$^.-]{4,20}$/);
    fc.assert(
      fc.property(fc.array(secret, { minLength: 1 }), fc.array(fc.string()), (secrets, texts) => {
        const shown = new OutputTail(secrets).add(
          texts.map((text, at) => text + (secrets[at % secrets.length] ?? '')).join(' '),
        );
        for (const each of secrets) expect(shown).not.to.contain(each);
      }),
    );
  });
});
