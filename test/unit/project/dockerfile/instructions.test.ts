import { expect } from 'chai';
import { parseInstructions, type Instruction } from '../../../../src/project/dockerfile/instructions.js';
import { judgements, type JudgedInstruction } from '../../../support/buildkit-judge/judgements.js';

/** What is compared: keyword, line, here-documents, and the words or values. */
function own({ keyword, line, heredocs, properties, words, text }: Instruction): unknown {
  const args =
    keyword === 'ENV'
      ? properties.flatMap(({ name, value = '' }) => [name, value])
      : keyword === 'ARG'
        ? properties.map(({ name, value }) => (value === undefined ? name : `${name}=${value}`))
        : (words ??
          (['RUN', 'CMD', 'USER'].includes(keyword) ? [text] : text.split(/\s+/)).filter((word) => word !== ''));
  return [keyword, line, heredocs.map(({ name, content, isLiteral }) => [name, content, !isLiteral]), args];
}

function judged({ keyword, line, heredocs, args }: JudgedInstruction): unknown {
  return [
    keyword,
    line,
    (heredocs ?? []).map(({ name, content, expand }) => [name, content.replaceAll('\r', ''), expand]),
    // Name, value, and the sign between them.
    keyword === 'ENV' ? args.filter((_, index) => index % 3 !== 2) : args.filter((arg) => arg !== ''),
  ];
}

describe('parseInstructions', () => {
  it('reads a Dockerfile as BuildKit’s own parser does', () => {
    let compared = 0;
    for (const [text, instructions] of judgements().files) {
      // BuildKit refuses it, as a rule for a keyword that nobody knows.
      if (instructions === null) continue;
      const known = (keyword: string): boolean => /^(?!ONBUILD)[A-Z]{3,}$/.test(keyword);
      expect(
        parseInstructions(text, 'Dockerfile')
          .instructions.filter(({ keyword }) => known(keyword))
          .map(own),
        text,
      ).to.deep.equal(instructions.filter(({ keyword }) => known(keyword)).map(judged));
      compared++;
    }
    expect(compared).to.be.greaterThan(100);
  });

  it('takes flags off, and keeps what only looks like one', () => {
    const [copy, run] = parseInstructions('COPY --from=a --link "--b" c\nRUN pip --version', 'Dockerfile').instructions;
    expect(copy?.flags).to.deep.equal([
      { name: 'from', value: 'a' },
      { name: 'link', value: '' },
    ]);
    expect(copy?.text).to.equal('"--b" c');
    expect(run?.flags).to.deep.equal([]);
  });
});
