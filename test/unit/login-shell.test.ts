import { expect } from 'chai';
import { settleShell } from '../../src/login-shell.js';

describe('the shell of the user', () => {
  const nobody = () => {
    throw new Error('uv_os_get_passwd returned ENOENT');
  };
  const cases: [what: string, before: NodeJS.ProcessEnv, account: () => unknown, after: NodeJS.ProcessEnv][] = [
    ['is what SHELL says', { SHELL: '/bin/zsh' }, nobody, { SHELL: '/bin/zsh' }],
    ['is left for the system to say where it can', {}, () => ({ shell: '/bin/zsh' }), {}],
    ['is a plain one for a user without an account', {}, nobody, { SHELL: '/bin/sh' }],
  ];
  for (const [what, environment, account, after] of cases) {
    it(what, () => {
      settleShell(environment, account);
      expect(environment).to.deep.equal(after);
    });
  }
});
