import { expect } from 'chai';
import { interestIn } from '../../../../../src/builders/layers/base/interest.js';

describe('what is kept of a file of the base', () => {
  const SITE = 'usr/lib/python3/dist-packages';
  const cases: readonly [expected: string, paths: string[]][] = [
    ['content', ['etc/passwd', 'etc/login.defs', 'etc/default/useradd', 'etc/skel/.bashrc', 'etc/skel/a/b']],
    ['content', ['opt/venv/pyvenv.cfg', 'usr/local/include/python3.11/patchlevel.h']],
    ['content', [`${SITE}/six.egg-info/PKG-INFO`, `${SITE}/odd.dist-info/METADATA`]],
    ['program', ['usr/bin/python3.11', 'usr/bin/python', 'usr/libexec/platform-python3.6', 'opt/pypy/bin/pypy3.10']],
    ['program', ['usr/lib/libpython3.11.so.1.0', 'usr/lib/libpython3.7m.so.1.0', 'usr/bin/python3.13t']],
    ['program', ['lib64/libc.so.6', 'lib64/libc-2.28.so', 'lib/ld-musl-x86_64.so.1', 'lib/x86_64-linux-musl/libc.so']],
    ['presence', [`${SITE}/pip-23.0.1.dist-info/METADATA`, `${SITE}/foo-1.0.egg-info`, 'usr/bin/snake', 'home/file']],
    [
      'nothing',
      ['usr/lib/x86_64-linux-gnu/libc.so', 'usr/lib/python3.11/os.py', `${SITE}/pip/_vendor/x-1.dist-info/METADATA`],
    ],
    ['nothing', ['app/etc/passwd', 'usr/lib/pythonic', 'usr/include/python3.11/Python.h']],
  ];
  for (const [expected, paths] of cases)
    for (const path of paths)
      it(`is ${expected} for ${path}`, () => {
        expect(interestIn(path) ?? 'nothing').to.equal(expected);
      });
});
