import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { expect } from 'chai';
import { execa } from 'execa';

import { executable } from '../support/command.js';
import { ensurePackages, needCommand } from '../support/environment/packages.js';
import { temporaryFolder } from '../process/git/temporary-repository.js';

/**
 * A program for each shell that reads kdeploy's script and prints what the shell would offer for the command line in $1. In
 * zsh the functions that put candidates on the screen are stood in for; its own parsing and quoting are real.
 */
const SHELLS = {
  bash: [
    'bash',
    '-c',
    `source <(kdeploy autocomplete bash)
     read -ra COMP_WORDS <<<"\${1//=/ = }"
     case $1 in *' ') COMP_WORDS+=('') ;; esac
     COMP_CWORD=$((\${#COMP_WORDS[@]} - 1))
     compopt() { :; }
     _kdeploy
     printf '%s\\n' "\${COMPREPLY[@]}"`,
    'bash',
  ],
  fish: ['fish', '--no-config', '-c', 'kdeploy autocomplete fish | source; complete -C $argv[1]'],
  zsh: [
    'zsh',
    '-f',
    '-c',
    `compdef() { :; }
     eval "$(kdeploy autocomplete zsh)"
     words=(\${(s: :)1})
     [[ $1 == *' ' ]] && words+=('')
     CURRENT=$#words
     _describe() { print -rl -- \${(P)2}; }
     _files() { if [[ $1 == -/ ]]; then print -l *(/N); else print -l *(N); fi; }
     _kdeploy`,
    'zsh',
  ],
} as const;

describe('completion in a shell', function () {
  this.timeout(120_000);
  let folder: string;
  before(async () => {
    await ensurePackages([needCommand('fish', 'fish'), needCommand('zsh', 'zsh')]);
    folder = await temporaryFolder();
    await mkdir(path.join(folder, 'bin'));
    await symlink(executable, path.join(folder, 'bin', 'kdeploy'));
    const project = {
      'pyproject.toml': '[tool.kedro]\npackage_name = "p"\nproject_name = "p"\nkedro_init_version = "1.0.0"\n',
      'conf/base/catalog.yml': '',
      'conf/production/mlflow.yml': '',
    };
    for (const [file, text] of Object.entries(project)) {
      await mkdir(path.dirname(path.join(folder, 'project', file)), { recursive: true });
      await writeFile(path.join(folder, 'project', file), text);
    }
  });
  after(() => rm(folder, { recursive: true }));

  for (const [shell, [program, ...words]] of Object.entries(SHELLS)) {
    const offered = async (line: string): Promise<string[]> => {
      const { stdout, stderr } = await execa(program, [...words, line], {
        cwd: path.join(folder, 'project'),
        env: { HOME: folder, PATH: `${path.join(folder, 'bin')}:${process.env.PATH}`, LC_ALL: 'C.UTF-8' },
        extendEnv: false,
        reject: false,
      });
      expect(stderr, line).to.equal('');
      // fish and zsh show what a word means behind a tab or a colon.
      const offers = stdout.split('\n').map((each) => each.replace(/[\t:].*$/, '').replace(/\/$/, ''));
      return offers.filter((each) => each !== '').sort();
    };

    it(`offers commands, flags, values and files: ${shell}`, async () => {
      expect(await offered('kdeploy ho')).to.deep.equal(['hook']);
      expect(await offered('kdeploy hook ')).to.deep.equal(['install', 'run', 'uninstall']);
      expect(await offered('kdeploy check --onl')).to.deep.equal(['--online']);
      expect(await offered('kdeploy check --env ')).to.deep.equal(['production']);
      expect(await offered('kdeploy build --builder ')).to.deep.equal(['engine', 'kedro', 'layers']);
      expect(await offered('kdeploy check --project ')).to.deep.equal(['conf']);
      expect(await offered('kdeploy build --dockerfile ')).to.deep.equal(['conf', 'pyproject.toml']);
      // Bash replaces only what is behind the =.
      expect(await offered('kdeploy check --env=pr')).to.deep.equal([
        shell === 'bash' ? 'production' : '--env=production',
      ]);
      expect(await offered('kdeploy frobnicate ')).to.deep.equal([]);
    });
  }
});
