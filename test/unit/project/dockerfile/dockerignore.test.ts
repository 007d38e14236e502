import { expect } from 'chai';
import fc from 'fast-check';
import { readBuildContext } from '../../../../src/project/dockerfile/dockerignore.js';
import { judgements } from '../../../support/buildkit-judge/judgements.js';
import { memorySource } from '../../../support/memory-source.js';
import { rejection } from '../../../support/rejection.js';

describe('readBuildContext', () => {
  it('assumes what kedro docker will write where there is no .dockerignore', async () => {
    const context = await readBuildContext(memorySource({}));
    expect(context.ignoreFile).to.equal(undefined);
    const ignored = [
      'conf/local/mlflow.yml',
      'conf/base/credentials.yml',
      'conf/prod/aws_credentials.json',
      'data/01_raw/a.csv',
      'Dockerfile',
    ];
    const kept = [
      'conf/local/.gitkeep',
      'conf/base/mlflow.yml',
      'src/data/a.py',
      'src/credentials.yml',
      '.env',
      'key.pem',
    ];
    expect([...ignored, ...kept].filter((path) => context.isIgnored(path))).to.deep.equal(ignored);
  });

  const cases: [name: string, text: string, ignored: string[], kept: string[]][] = [
    ['comments, blank lines, CRLF and a byte order mark', '\uFEFF# x\r\n\r\n  data  \r\n', ['data/a'], ['x', '# x']],
    [
      'exceptions, the last match winning',
      '*\n!src\n!conf\nsrc/secret.py\n',
      ['a', 'src/secret.py', 'data/b'],
      ['src/a.py', 'conf/base/x.yml'],
    ],
    ['** at any depth', '**/*.pem\n', ['a.pem', 'x/y/a.pem'], ['a.pem.txt']],
    ['a pattern without a slash only at the root', '*.pem\n', ['a.pem'], ['x/a.pem']],
    ['a leading and a trailing slash', '/conf/local/\n', ['conf/local/a'], ['conf/base/a', 'src/conf/local/a']],
    ['capitals told apart', 'Data\n', ['Data/a'], ['data/a']],
    ['patterns that Docker would refuse left out', '[z\na\\\ndata\n', ['data/x'], ['[z', 'a']],
    ['brackets of regular expressions as they are', 'a(\nb.c\n', ['a('], ['a', 'bxc']],
    ['an escaped star', 'a\\*\n', ['a*'], ['ab']],
    ['classes', '[a-c]?[^x]\n', ['b1y'], ['d1y', 'b1x']],
    ['two stars without a slash', '**.pyc\na**/b\n', ['x/y.pyc', 'ax/b', 'ab'], ['y.py', 'x/ab']],
  ];
  for (const [name, text, ignored, kept] of cases) {
    it(`reads ${name}`, async () => {
      const context = await readBuildContext(memorySource({ '.dockerignore': text }));
      expect(context.ignoreFile).to.equal('.dockerignore');
      expect([...ignored, ...kept].filter((path) => context.isIgnored(path))).to.deep.equal(ignored);
    });
  }

  it('prefers the Dockerfile’s own ignore file, but only with BuildKit', async () => {
    const source = memorySource({ 'docker/Dockerfile.dockerignore': 'a', '.dockerignore': 'b' });
    const options = { dockerfile: 'docker/Dockerfile' };
    expect((await readBuildContext(source, { ...options, usesBuildKit: true })).ignoreFile).to.equal(
      'docker/Dockerfile.dockerignore',
    );
    expect((await readBuildContext(source, options)).ignoreFile).to.equal('.dockerignore');
  });

  describe('isWhollyIgnored', () => {
    const folders: [text: string, folder: string, expected: boolean][] = [
      ['data', 'data', true],
      ['data', 'data/raw', true],
      ['data', 'src', false],
      ['data\n!data/keep/x', 'data', false],
      ['data\n!data/keep/x', 'data/keep', false],
      ['data\n!data/keep/x', 'data/raw', true],
      ['data\n!**/keep', 'data', false],
      ['data\n!database/x', 'data', true],
      ['data\n!data*/x', 'data', false],
      ['*\n!src', 'src/a', false],
      ['*\n!src', 'data', true],
    ];
    for (const [text, folder, expected] of folders) {
      it(`${JSON.stringify(text)}: ${folder} ${expected ? 'need not' : 'must'} be read`, async () => {
        expect((await readBuildContext(memorySource({ '.dockerignore': text }))).isWhollyIgnored(folder)).to.equal(
          expected,
        );
      });
    }

    it('never hides a file that reaches the context', async () => {
      const part = fc.constantFrom('a', 'b', '*', '**', 'a*');
      const pattern = fc
        .tuple(fc.boolean(), fc.array(part, { minLength: 1, maxLength: 3 }))
        .map(([not, parts]) => (not ? '!' : '') + parts.join('/'));
      const path = fc.array(fc.constantFrom('a', 'b', 'ab'), { minLength: 2, maxLength: 4 });
      await fc.assert(
        fc.asyncProperty(fc.array(pattern, { maxLength: 5 }), path, async (patterns, parts) => {
          const context = await readBuildContext(memorySource({ '.dockerignore': patterns.join('\n') }));
          const parents = parts.slice(0, -1).map((_, index) => parts.slice(0, index + 1).join('/'));
          if (parents.some((parent) => context.isWhollyIgnored(parent)))
            expect(context.isIgnored(parts.join('/'))).to.equal(true);
        }),
        { numRuns: 500 },
      );
    });
  });

  it('decides as Docker’s own code does', async () => {
    const { ignores, paths } = judgements();
    let compared = 0;
    for (const [text, left] of ignores) {
      // Docker refuses the file.
      if (left === null) continue;
      const context = await readBuildContext(memorySource({ '.dockerignore': text }));
      const own = paths.map((path) => (context.isIgnored(path) ? '1' : '0')).join('');
      expect(own, JSON.stringify(text)).to.equal(left);
      compared++;
    }
    expect(compared).to.be.greaterThan(300);
  });

  it('is not slowed down by patterns that are exponential for others', async () => {
    const path = `${'a/'.repeat(60)}x`;
    for (const pattern of ['**/a'.repeat(40), '*a'.repeat(100), '**'.repeat(400), `${'**/'.repeat(200)}b`]) {
      const context = await readBuildContext(memorySource({ '.dockerignore': `${pattern}\n`.repeat(200) }));
      const began = process.cpuUsage();
      expect(context.isIgnored(path)).to.be.a('boolean');
      expect(process.cpuUsage(began).user / 1e6).to.be.lessThan(5);
    }
  });

  it('refuses a file that is no list of patterns', async () => {
    const { code } = await rejection(readBuildContext(memorySource({ '.dockerignore': 'a'.repeat(300_000) })));
    expect(code).to.equal('configuration');
  });

  it('throws nothing, whatever the text', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string(), fc.string({ minLength: 1 }), async (text, path) => {
        const context = await readBuildContext(memorySource({ '.dockerignore': text }));
        expect(context.isIgnored(path)).to.be.a('boolean');
      }),
      { numRuns: 500 },
    );
  });
});
