import type { AccountFile, BaseFacts } from '../../../../../src/builders/layers/base/base-facts.js';

const FOLDER = { type: 'folder', mode: 0o755, uid: 0, gid: 0 } as const;

export const accountFile = (name: string, content: string, owner: Partial<AccountFile> = {}): AccountFile => ({
  ...{ path: `etc/${name}`, mode: 0o644, uid: 0, gid: 0, content },
  ...owner,
});

/** As of a small Debian 12. */
export const DEBIAN_FACTS: BaseFacts = {
  python: {
    ...{ version: '3.11.2', executable: '/usr/bin/python3.11', machine: 'x86_64' },
    libc: { kind: 'glibc', version: '2.36' },
  },
  sitePackages: ['usr/lib/python3/dist-packages'],
  distributions: [{ name: 'pip', version: '23.0.1', isTool: true, isSystem: true }],
  hasPip: true,
  accounts: {
    passwd: accountFile(
      'passwd',
      'root:x:0:0:root:/root:/bin/bash\nnobody:x:65534:65534:nobody:/nonexistent:/bin/false\n',
    ),
    group: accountFile('group', 'root:x:0:\nmail:x:8:\nusers:x:100:\nnogroup:x:65534:\n'),
    shadow: accountFile('shadow', 'root:*:19000:0:99999:7:::\n', { mode: 0o640, gid: 42 }),
    gshadow: accountFile('gshadow', 'root:*::\nmail:*::\nusers:*::\nnogroup:*::\n', { mode: 0o640, gid: 42 }),
    subuid: accountFile('subuid', ''),
    subgid: accountFile('subgid', ''),
  },
  skeleton: [{ type: 'file', path: '.profile', mode: 0o644, base64: Buffer.from('umask 022\n').toString('base64') }],
  loginDefaults: {
    ...{ UMASK: '022', PASS_MAX_DAYS: '99999', PASS_MIN_DAYS: '0', PASS_WARN_AGE: '7' },
    ...{ UID_MIN: '1000', UID_MAX: '60000', GID_MIN: '1000', GID_MAX: '60000', MAIL_DIR: '/var/mail' },
  },
  useraddDefaults: { SHELL: '/bin/sh' },
  shells: ['/bin/sh', '/bin/bash'],
  places: { etc: FOLDER, home: FOLDER, opt: FOLDER, var: FOLDER, 'var/mail': { ...FOLDER, mode: 0o2775, gid: 8 } },
};
