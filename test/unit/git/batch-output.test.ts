import { expect } from 'chai';
import fc from 'fast-check';
import { BatchOutput, type BatchHeader } from '../../../src/git/batch-output.js';

const ID = 'ab'.repeat(20);

interface Heard {
  readonly headers: BatchHeader[];
  readonly contents: string[];
  readonly unreadable: string[];
}

/** What a listener hears of some chunks; it stops at an object above the limit. */
function hear(chunks: readonly Buffer[], limit = Infinity): Heard {
  const heard: Heard = { headers: [], contents: [], unreadable: [] };
  const output = new BatchOutput({
    header: (header) => {
      heard.headers.push(header);
      return header.kind === 'object' && header.size > limit ? 'stop' : 'content';
    },
    content: (content) => heard.contents.push(content.toString('latin1')),
    unreadable: (line) => heard.unreadable.push(line),
  });
  for (const chunk of chunks) output.push(chunk);
  return heard;
}

function answer(content: string, type = 'blob'): string {
  return `${ID} ${type} ${Buffer.byteLength(content, 'latin1')}\n${content}\n`;
}

describe('the output of git cat-file --batch', () => {
  it('is an answer for each object, and one for each that is missing', () => {
    const text = `${answer('one\n')}${'c'.repeat(40)} missing\n${answer('', 'tree')}`;
    const { headers, contents } = hear([Buffer.from(text)]);
    expect(headers).to.deep.equal([
      { kind: 'object', id: ID, type: 'blob', size: 4 },
      { kind: 'missing' },
      { kind: 'object', id: ID, type: 'tree', size: 0 },
    ]);
    expect(contents).to.deep.equal(['one\n', '']);
  });

  it('is the same in whatever pieces it comes, also where a content looks like an answer', () => {
    const content = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 20 }),
      fc.constant(answer('inner')),
      fc.constant('\n'),
    );
    const latin = content.map((text) => text.replaceAll(/[^\0-\xff]/g, '?'));
    fc.assert(
      fc.property(fc.array(latin), fc.array(fc.nat({ max: 200 })), (contents, cuts) => {
        const bytes = Buffer.from(contents.map((each) => answer(each)).join(''), 'latin1');
        const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
        const chunks = places.slice(1).map((place, index) => bytes.subarray(places[index], place));
        expect(hear(chunks).contents).to.deep.equal(contents);
      }),
    );
  });

  it('is looked at no further after an object that is not wanted', () => {
    const { headers, contents } = hear(
      [Buffer.from(answer('small') + answer('much larger')), Buffer.from(answer('x'))],
      5,
    );
    expect(headers).to.have.length(2);
    expect(contents).to.deep.equal(['small']);
  });

  const strange: Readonly<Record<string, string>> = {
    'of another form': 'fatal: something\n',
    'with a type that git does not have': `${ID} sock 4\nabcd\n`,
    'with a size that no file has': `${ID} blob 99999999999999999999\n`,
    'without an end': 'x'.repeat(2000),
  };
  for (const [what, text] of Object.entries(strange)) {
    it(`ends at a line ${what}`, () => {
      const { headers, unreadable } = hear([Buffer.from(text), Buffer.from(answer('later'))]);
      expect(headers).to.deep.equal([]);
      expect(unreadable).to.have.length(1);
    });
  }
});
