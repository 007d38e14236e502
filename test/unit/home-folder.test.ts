import { expect } from 'chai';
import { settleHome } from '../../src/home-folder.js';

describe('the home folder', () => {
  const nobody = () => {
    throw new Error('uv_os_homedir returned ENOENT');
  };
  const cases: [what: string, before: NodeJS.ProcessEnv, account: () => string, home: string][] = [
    ['is that of HOME', { HOME: '/home/ada' }, () => '/home/other', '/home/ada'],
    ['is that of HOME, which may be the root', { HOME: '/' }, nobody, '/'],
    ['is that of the account without HOME', {}, () => '/home/ada', '/home/ada'],
    ['is that of the account where HOME is empty', { HOME: '' }, () => '/home/ada', '/home/ada'],
    ['is that of the account where HOME is relative', { HOME: 'ada' }, () => '/home/ada', '/home/ada'],
    ['is a place that is not there for a user without an account', {}, nobody, '/nonexistent'],
    ['is the same for such a user with an empty HOME', { HOME: '' }, nobody, '/nonexistent'],
    ['is the same for an account without one', {}, () => '', '/nonexistent'],
  ];
  for (const [what, environment, account, home] of cases) {
    it(what, () => {
      settleHome(environment, account);
      expect(environment).to.deep.equal({ HOME: home });
    });
  }

  it('is asked of the system without the HOME that is none: Node would answer with it', () => {
    const environment: NodeJS.ProcessEnv = { HOME: '' };
    settleHome(environment, () => environment.HOME ?? '/root');
    expect(environment.HOME).to.equal('/root');
  });
});
