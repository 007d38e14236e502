import { expect } from 'chai';
import { appendCommand, excludeCommand } from '../../../src/checks/append-command.js';
import { memorySource } from '../../support/memory-source.js';

describe('the command that appends a line', () => {
  const cases: readonly [text: string | undefined, command: string][] = [
    [undefined, "echo 'x' >> a.txt"],
    ['', "echo 'x' >> a.txt"],
    ['y\n', "echo 'x' >> a.txt"],
    ['y\r\n', "echo 'x' >> a.txt"],
    ['y', "printf '\\nx\\n' >> a.txt"],
  ];
  for (const [text, command] of cases) {
    it(`gives it a line of its own in ${text === undefined ? 'a new file' : JSON.stringify(text)}`, async () => {
      const source = memorySource(text === undefined ? {} : { 'a.txt': text });
      expect(await appendCommand('a.txt', 'x', source)).to.equal(command);
    });
  }
});

describe('the command that excludes a path from the image', () => {
  it('has kedro docker write its template first, where there is no .dockerignore', async () => {
    expect(await excludeCommand('.git', undefined, memorySource({}))).to.equal(
      "kedro docker init && echo '.git' >> .dockerignore",
    );
  });

  it('appends to the file that decides', async () => {
    const source = memorySource({ 'Dockerfile.dockerignore': 'data\n' });
    expect(await excludeCommand('.git', 'Dockerfile.dockerignore', source)).to.equal(
      "echo '.git' >> Dockerfile.dockerignore",
    );
  });
});
