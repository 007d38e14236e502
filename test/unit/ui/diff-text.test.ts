import { stripVTControlCharacters } from 'node:util';
import { expect } from 'chai';
import { diffText } from '../../../src/ui/diff-text.js';

const change = (before: string | undefined, after: string, file = 'requirements.txt') => ({
  file,
  before: before === undefined ? undefined : Buffer.from(before),
  after: Buffer.from(after),
});

describe('changes as a diff', () => {
  it('show what is added, with the lines around it', async () => {
    expect(await diffText([change('a\nb\nc\nd\n', 'a\nb\nc\nd\ne\n')])).to.equal(
      '--- a/requirements.txt\n+++ b/requirements.txt\n@@ -2,3 +2,4 @@\n b\n c\n d\n+e',
    );
  });

  it('show a new file as git does, and one diff after the other', async () => {
    expect(await diffText([change(undefined, 'x\n', 'conf/a'), change('a\n', 'a\nb\n', 'b')])).to.equal(
      '--- /dev/null\n+++ b/conf/a\n@@ -0,0 +1,1 @@\n+x\n--- a/b\n+++ b/b\n@@ -1,1 +1,2 @@\n a\n+b',
    );
  });

  it('tell when the last line was not ended', async () => {
    expect(await diffText([change('a', 'a\nb\n')])).to.contain('-a\n\\ No newline at end of file\n+a\n+b');
  });

  it('show no password that stands in the file', async () => {
    const text = await diffText([
      change(
        '--index-url https://ada:hunter2@pypi.example.com/simple\n',
        '--index-url https://ada:hunter2@pypi.example.com/simple\nb\n',
      ),
      change('x @ https://hunter2@example.com/x.whl', 'x @ https://hunter2@example.com/x.whl\nb\n'),
    ]);
    expect(text).not.to.contain('hunter2');
    expect(text).to.contain('pypi.example.com/simple');
  });

  it('show no sign that moves the cursor, and Windows’ line ends as line ends', async () => {
    expect(await diffText([change('a\u001B[2J\r\n', 'a\u001B[2J\r\nb\r\n')])).to.match(/^ a\\x1b\[2J\n\+b$/m);
  });

  it('have colours where they are wanted', async () => {
    const changes = [change('a\n', 'a\nb\n')];
    const coloured = await diffText(changes, { colours: true });
    expect(coloured).to.contain('\u001B[32m+b\u001B[39m').and.to.contain('\u001B[36m@@');
    expect(stripVTControlCharacters(coloured)).to.equal(await diffText(changes));
  });
});
