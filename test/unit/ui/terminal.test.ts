import { expect } from 'chai';
import { hasColours, hasPictures, wrapped } from '../../../src/ui/terminal.js';
import fc from 'fast-check';

describe('pictures', () => {
  const cases: readonly [what: string, isTTY: boolean, environment: Record<string, string>, expected: boolean][] = [
    ['on a terminal', true, { TERM: 'xterm' }, true],
    ['on a terminal with UTF-8', true, { LANG: 'de_DE.UTF-8' }, true],
    ['on a terminal with UTF-8, as macOS and glibc spell it', true, { LANG: 'C.utf8@x' }, true],
    ['where the locale names no character set', true, { LANG: 'C' }, true],
    ['where it names another', true, { LANG: 'de_DE.ISO-8859-15@euro' }, false],
    ['where a variable that counts first names another', true, { LC_ALL: 'C.KOI8-R', LANG: 'C.UTF-8' }, false],
    ['where that variable is empty', true, { LC_ALL: '', LANG: 'C.UTF-8' }, true],
    ['where nobody reads along', false, { TERM: 'xterm' }, false],
    ['on a terminal that cannot', true, { TERM: 'dumb' }, false],
    ['in CI', true, { CI: 'true' }, false],
  ];
  for (const [what, isTTY, environment, expected] of cases) {
    it(`are ${expected ? 'drawn' : 'not drawn'} ${what}`, () => {
      expect(hasPictures({ isTTY }, environment)).to.equal(expected);
    });
  }
});

describe('colours', () => {
  const cases: readonly [what: string, isTTY: boolean, environment: Record<string, string>, expected: boolean][] = [
    ['on a terminal', true, { TERM: 'xterm' }, true],
    ['where nobody reads along', false, { TERM: 'xterm' }, false],
    ['on a terminal that cannot', true, { TERM: 'dumb' }, false],
    ['in CI', true, { CI: 'true' }, false],
    ['where nobody wants them', true, { NO_COLOR: '1' }, false],
    ['with NO_COLOR empty, which counts as not set', true, { NO_COLOR: '' }, true],
    ['where they are wanted, whatever the stream', false, { FORCE_COLOR: '1' }, true],
    ['where both are said: force wins', false, { FORCE_COLOR: '1', NO_COLOR: '1' }, true],
    ['with FORCE_COLOR=0', true, { FORCE_COLOR: '0' }, false],
  ];
  for (const [what, isTTY, environment, expected] of cases) {
    it(`are ${expected ? 'shown' : 'not shown'} ${what}`, () => {
      expect(hasColours({ isTTY }, environment)).to.equal(expected);
    });
  }
});

const terminal = { isTTY: true, columns: 60 };

describe('a text on a terminal', () => {
  it('is broken between words, with the rest below its beginning', async () => {
    const text =
      'conf/local/mlflow.yml:5: error: server.mlflow_tracking_uri is not set: the container would lose its runs [rule]\n' +
      "    next: set it to your MLflow server's URL, or pass --tracking-uri https://mlflow.example.com";
    expect(await wrapped(text, terminal)).to.equal(
      [
        'conf/local/mlflow.yml:5: error:',
        '    server.mlflow_tracking_uri is not set: the container',
        '    would lose its runs [rule]',
        "    next: set it to your MLflow server's URL, or pass",
        '          --tracking-uri https://mlflow.example.com',
      ].join('\n'),
    );
  });

  it('keeps colours, which take no room', async () => {
    const red = `\u001B[31m${'error '.repeat(8).trim()}\u001B[39m`;
    expect(await wrapped(red, terminal)).to.equal(red);
  });

  it('keeps a word that is longer than the line, and the lines of another tool', async () => {
    for (const text of ['x'.repeat(80), `  | ${'output '.repeat(20)}`])
      expect(await wrapped(text, terminal)).to.equal(text);
  });

  for (const [what, output] of [
    ['a pipe', { isTTY: false, columns: 60 }],
    ['a file', {}],
    ['a terminal without a width', { isTTY: true }],
    ['a terminal of a few columns', { isTTY: true, columns: 20 }],
  ] as const) {
    it(`is printed as it is to ${what}`, async () => {
      const text = 'word '.repeat(40).trim();
      expect(await wrapped(text, output)).to.equal(text);
    });
  }

  it('loses no word, and has no line wider than the terminal where its words are not', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(fc.stringMatching(/^[a-z:]{1,12}$/), { minLength: 1, maxLength: 40 }), { maxLength: 5 }),
        fc.integer({ min: 40, max: 120 }),
        async (lines, columns) => {
          const text = lines.map((words) => words.join(' ')).join('\n');
          const printed = await wrapped(text, { isTTY: true, columns });
          expect(printed.split(/\s+/)).to.deep.equal(text.split(/\s+/));
          expect(Math.max(...printed.split('\n').map((line) => line.length))).to.be.at.most(columns);
        },
      ),
    ));
});
