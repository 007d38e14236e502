import { execFileSync } from 'node:child_process';
import { expect } from 'chai';
import { shellCommand } from '../../src/shell-words.js';

describe('a command for pasting', () => {
  it('is written without quotes where none are needed', () => {
    expect(shellCommand(['kdeploy', 'run', '--network', 'host', '-e', 'A=b/c:1,2@x%+'])).to.equal(
      'kdeploy run --network host -e A=b/c:1,2@x%+',
    );
  });

  it('gives a shell the same words back', () => {
    const words = ['', 'a b', "it's", '"', '$HOME', '`id`', '\\', 'a\nb', '*', '~', '#x', '!', ';', 'ö', '-e', '[x]'];
    const printed = execFileSync('sh', ['-c', `printf '%s\\0' ${shellCommand(words)}`], { encoding: 'utf8' });
    expect(printed.split('\0').slice(0, -1)).to.deep.equal(words);
  });
});
