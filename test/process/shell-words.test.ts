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
    const printed = execFileSync('sh', ['-c', `printf '%s\\0' ${shellCommand(words, 'linux')}`], { encoding: 'utf8' });
    expect(printed.split('\0').slice(0, -1)).to.deep.equal(words);
  });

  it('is written for the shells of Windows there', () => {
    const words = [
      'kdeploy',
      'check',
      '--project',
      'C:\\Users\\ada\\flights',
      'D:\\my flights',
      '\\\\nas\\x',
      'a"b',
      '',
    ];
    expect(shellCommand(words, 'win32')).to.equal(
      'kdeploy check --project C:\\Users\\ada\\flights "D:\\my flights" \\\\nas\\x "a\\"b" ""',
    );
  });
});
