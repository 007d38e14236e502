import { tmpdir } from 'node:os';
import { expect } from 'chai';
import { unknownCommand } from '../../../src/ui/unknown-command.js';

const IDS = ['build', 'check', 'inspect', 'auth:token', 'hook:install', 'hook:run', 'hook:uninstall'];

describe('a command that does not exist', () => {
  const cases: readonly [words: string, error: string, next: string][] = [
    ['biuld', 'unknown command "biuld"', 'did you mean `kdeploy build`?'],
    ['Inspect', 'unknown command "Inspect"', 'did you mean `kdeploy inspect`?'],
    ['hok install', 'unknown command "hok"', 'did you mean `kdeploy hook`?'],
    ['auth tokn', 'unknown command "auth tokn"', 'did you mean `kdeploy auth token`?'],
    ['hook instal --force', 'unknown command "hook instal"', 'did you mean `kdeploy hook install`?'],
    [
      'hook frobnicate',
      'unknown command "hook frobnicate"',
      'choose one of: kdeploy hook install, kdeploy hook run, kdeploy hook uninstall',
    ],
    ['frobnicate', 'unknown command "frobnicate"', 'see `kdeploy help`'],
    ['check extra', 'kdeploy check takes no argument "extra"', 'see `kdeploy check --help`'],
    ['hook install extra', 'kdeploy hook install takes no argument "extra"', 'see `kdeploy hook install --help`'],
    [
      `check ${tmpdir()} --online`,
      `kdeploy check takes no argument "${tmpdir()}"`,
      `name the project with a flag: kdeploy check --project ${tmpdir()} --online`,
    ],
    ['-q check', 'flags must follow the command', 'kdeploy check -q'],
    ['--project x hook run a', 'flags must follow the command', 'kdeploy hook run a --project x'],
    ['-v build -- a', 'flags must follow the command', 'kdeploy build -v -- a'],
    ['-v', 'unknown flag -v', 'did you mean `kdeploy --version`?'],
    ['--hlp', 'unknown flag --hlp', 'did you mean `kdeploy --help`?'],
    ['--colour=x', 'unknown flag --colour', 'see `kdeploy help`'],
  ];
  for (const [words, error, next] of cases) {
    it(`is a usage error that says what was meant: kdeploy ${words}`, async () => {
      const { code, message, hint } = await unknownCommand(words.split(' '), IDS);
      expect([code, message, hint]).to.deep.equal(['usage', error, next]);
    });
  }
});
