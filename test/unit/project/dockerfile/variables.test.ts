import { expect } from 'chai';
import fc from 'fast-check';
import { expand, shellWords } from '../../../../src/project/dockerfile/variables.js';
import { judgements } from '../../../support/buildkit-judge/judgements.js';

const VALUES = new Map(Object.entries({ A: 'abcabc', EMPTY: '', FILE: 'a/b.tar.gz' }));

describe('expand', () => {
  const cases: [text: string, expected: string | undefined][] = [
    ['$A-${A}', 'abcabc-abcabc'],
    ['\\$A', '$A'],
    ["'$A'", '$A'],
    ['"$A \\"x\\""', 'abcabc "x"'],
    ['$NONE', undefined],
    ['${NONE:-x}${NONE-x}', 'xx'],
    ['${EMPTY:-x}${EMPTY-x}', 'x'],
    ['${A:+x}${NONE:+x}${EMPTY:+x}${EMPTY+x}', 'xx'],
    ['${A:?why}', 'abcabc'],
    ['${NONE:?why}', undefined],
    ['${A:-$NONE}', 'abcabc'],
    ['${NONE:-${A}}', 'abcabc'],
    ['${A#a*c}|${A##a*c}|${A%b*}|${A%%b*}', 'abc||abca|a'],
    ['${FILE%.*}|${FILE%%.*}|${FILE##*/}', 'a/b.tar|a/b|b.tar.gz'],
    ['${A/b/x}|${A//b/x}|${A//?/-}', 'axcabc|axcaxc|------'],
    ['${A', undefined],
    ['${}', undefined],
    ['"', undefined],
    ['costs $ 5', 'costs $ 5'],
    ['${EMPTY}', ''],
  ];
  for (const [text, expected] of cases) {
    it(`${text} is ${expected ?? 'unknown'}`, () => expect(expand(text, VALUES)).to.equal(expected));
  }

  it('agrees with BuildKit’s own code', () => {
    const { environment, words } = judgements();
    const variables = new Map(environment.map((entry) => entry.split(/=(.*)/s) as [string, string]));
    let [known, refused] = [0, 0];
    for (const [text, expanded] of words) {
      const own = expand(text, variables);
      if (expanded === null) refused++;
      else if (own !== undefined) {
        expect(own, text).to.equal(expanded);
        known++;
      } else {
        // Docker takes an unset variable for an empty one; here it may come from the base image.
        expect(text).to.match(/\$\{?(?!A\b|B\b|C\b|LONG\b)|\/\/.*\$/);
      }
    }
    expect(known).to.be.greaterThan(200);
    expect(refused).to.be.greaterThan(50);
  });

  it('knows the same whatever stands in a word that is not needed', () => {
    fc.assert(
      fc.property(
        fc.string().filter((text) => !/["'\\{}]/.test(text)),
        (word) => {
          expect(expand(`\${A:-${word}}`, VALUES)).to.equal('abcabc');
        },
      ),
    );
  });
});

describe('shellWords', () => {
  const cases: [text: string, expected: string[]][] = [
    [' a  b ', ['a', 'b']],
    ['a="x y" b', ['a="x y"', 'b']],
    ["'a b'c d", ["'a b'c", 'd']],
    ['a\\ b c', ['a\\ b', 'c']],
    ['"a', ['"a']],
    ['', []],
  ];
  for (const [text, expected] of cases) {
    it(JSON.stringify(text), () => expect(shellWords(text)).to.deep.equal(expected));
  }
});
