import { expect } from 'chai';
import {
  mailFolder,
  numberSetting,
  parseLoginDefaults,
  parseUseraddDefaults,
} from '../../../../../src/builders/layers/base/login-defaults.js';

describe('the defaults of new users', () => {
  it('are read from login.defs', () => {
    const text =
      '# UMASK 077\nUMASK\t\t022 \nHOME_MODE 0700 # octal\n  UID_MIN\t 1000\nENV "a b"\nEMPTY\nUID_MIN 500\r\n\nGID_MAX 5';
    expect(parseLoginDefaults(text)).to.deep.equal({
      ...{ UMASK: '022', HOME_MODE: '0700 # octal', UID_MIN: '500', ENV: 'a b', GID_MAX: '5' },
    });
  });

  it('are read from default/useradd', () => {
    const text = '# INACTIVE=1\nSHELL=/bin/sh\nEXPIRE=\nINACTIVE=-1\n X=1\nCREATE_MAIL_SPOOL=yes';
    expect(parseUseraddDefaults(text)).to.deep.equal({
      ...{ SHELL: '/bin/sh', EXPIRE: '', INACTIVE: '-1', CREATE_MAIL_SPOOL: 'yes' },
    });
  });

  const numbers: readonly [text: string, expected: number | undefined][] = [
    ['0', 0],
    ['022', 18],
    ['0700', 448],
    ['700', 700],
    ['0x1F', 31],
    ['-1', -1],
    ['08', undefined],
    ['', undefined],
    ['1k', undefined],
    ['022 # octal', undefined],
    ['0x', undefined],
    ['1.5', undefined],
  ];
  for (const [text, expected] of numbers)
    it(`has ${expected ?? 'no number'} for ${text || 'nothing'}`, () => {
      expect(numberSetting({ UMASK: text }, 'UMASK')).to.equal(expected);
    });

  it('has no number that is not set', () => {
    expect(numberSetting({}, 'UMASK')).to.equal(undefined);
    expect(numberSetting({}, 'constructor')).to.equal(undefined);
  });

  it('names the folder for mail', () => {
    expect([mailFolder({}), mailFolder({ MAIL_DIR: '/var/spool/mail' })]).to.deep.equal(['var/mail', 'var/spool/mail']);
  });
});
