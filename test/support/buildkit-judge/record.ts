/**
 * Writes test/fixtures/buildkit/judgements.json: what BuildKit's own code makes of made-up words, Dockerfiles and .dockerignore
 * files. Needs Go; the tests only read the file. Run in this folder: go build -o /tmp/judge . && npx tsx record.ts /tmp/judge
 */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import fc from 'fast-check';
import type { Judgements } from './judgements.js';

const [judge = ''] = process.argv.slice(2);
const COUNT = 400;

function made<T>(arbitrary: fc.Arbitrary<T>): T[] {
  return fc.sample(arbitrary, { numRuns: COUNT, seed: 20_10 });
}

const text = (parts: readonly string[], maxLength: number) =>
  fc.array(fc.constantFrom(...parts), { minLength: 1, maxLength, size: 'max' }).map((chosen) => chosen.join(''));

const words = made(
  fc.oneof(
    text(['$A', '${A}', '${B', '${C', '}', ':-', '-', ':+', '?', '#', '%', '/', 'a', '*', '\\', '"', "'", '$', ' '], 9),
    fc
      .tuple(
        fc.constantFrom('A', 'B', 'C', 'LONG', 'NONE'),
        fc.constantFrom(':-', '-', ':+', '+', '?', '#', '##', '%', '%%'),
        text(['a', 'b', '*', '?', '.', '/', '\\*', '$A', '"x"'], 4),
      )
      .map(([name, modifier, word]) => `\${${name}${modifier}${word}}`),
    fc
      .tuple(
        fc.constantFrom('A', 'C', 'LONG'),
        fc.constantFrom('/', '//'),
        text(['a', 'b', '*', '?', '.', 'c'], 3),
        text(['x', ''], 2),
      )
      .map(([name, slash, pattern, word]) => `\${${name}${slash}${pattern}/${word}}`),
  ),
);
const files = made(
  text(
    [
      ...[
        'FROM a\n',
        'RUN x \\\n',
        'y\n',
        '# c\n',
        '\n',
        '  # c\n',
        'ENV A=1 B="x y" C=\\ d\n',
        'ENV A b c\n',
        'ARG X\n',
      ],
      ...['ARG X=1 Y\n', 'RUN <<EOF\n', 'EOF\n', 'RUN <<-"E" cat\n', '\tE\n', 'E\n', 'COPY --from=a --chown=1 x y\n'],
      ...[
        '# escape=`\n',
        '# syntax=x\n',
        'RUN a `\n',
        'COPY <<A <<B /x/\n',
        'A\n',
        'B\n',
        'RUN ["a", "b"]\n',
        'RUN [ a\n',
      ],
      ...['run  z\r\n', '\\\n', 'ONBUILD RUN <<EOF\n', 'CMD x \\ \n', 'RUN a\\\\\n', 'USER  u \n', 'RUN cat << EOF\n'],
    ],
    10,
  ),
);
const names = ['a', 'b', 'ab', 'a.b', '.a', 'a-b', 'a(b'];
const paths = names.flatMap((x) => [x, ...names.flatMap((y) => [`${x}/${y}`, `${x}/${y}/a`, `${x}/${y}/ab`])]);
const ignores = made(
  fc
    .array(
      text(
        ['a', 'b', '/', '*', '**', '?', '.', '[a-b]', '[^a]', '\\*', '!', '-', '(', '..', ' ', '**/', '/**', '.b'],
        5,
      ),
      { minLength: 1, maxLength: 4 },
    )
    .map((lines) => lines.join('\n')),
);
const environment = ['A=abcabc', 'B=', 'C=a/b.tar.gz', 'LONG=x y'];
const given = { words, env: environment, files, ignores, paths };
const judged = JSON.parse(execFileSync(judge, { input: JSON.stringify(given) }).toString()) as Record<
  'words' | 'files' | 'ignores',
  unknown[]
>;
const paired = (key: 'words' | 'files' | 'ignores') => given[key].map((each, index) => [each, judged[key][index]]);
const judgements = {
  buildkit: 'v0.26.3',
  environment,
  paths,
  words: paired('words'),
  files: paired('files'),
  ignores: paired('ignores'),
} as unknown as Judgements;
writeFileSync(
  new URL('../../fixtures/buildkit/judgements.json', import.meta.url),
  `${JSON.stringify(judgements, undefined, 1)}\n`,
);
