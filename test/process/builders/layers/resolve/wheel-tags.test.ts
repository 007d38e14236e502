import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect } from 'chai';
import type { ImagePython } from '../../../../../src/builders/layers/image-python.js';
import { wheelTags } from '../../../../../src/builders/layers/resolve/wheel-tags.js';

const run = promisify(execFile);

/** pip's own list for another Python and platform than the one that it runs on. */
const PROGRAM = `
import sys, json
from pip._vendor.packaging import tags, _manylinux, _musllinux
minor, kind, major, libc_minor, machine = int(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), sys.argv[5]
_manylinux._have_compatible_abi = lambda *_: kind == "glibc"
_manylinux._get_glibc_version = lambda: (major, libc_minor)
_manylinux._is_compatible = lambda *_: True
_musllinux._get_musl_version = lambda _: _musllinux._MuslVersion(major, libc_minor) if kind == "musl" else None
def platforms():
    tags.sysconfig.get_platform = lambda: "linux-" + machine
    return list(tags._linux_platforms(is_32bit=False))
found = list(tags.cpython_tags((3, minor), ["cp3%d" % minor], platforms()))
found += list(tags.compatible_tags((3, minor), "cp3%d" % minor, platforms()))
print(json.dumps([str(each) for each in found]))
`;

describe('the tags of wheels', () => {
  for (const [version, kind, libc, machine] of [
    ['3.9.2', 'glibc', '2.28', 'x86_64'],
    ['3.11.2', 'glibc', '2.36', 'x86_64'],
    ['3.13.0', 'glibc', '2.42', 'aarch64'],
    ['3.12.1', 'musl', '1.2', 'x86_64'],
  ] as const) {
    it(`are pip’s, in pip’s order, for Python ${version} on ${kind} ${libc}, ${machine}`, async () => {
      const python: ImagePython = { version, executable: '/usr/bin/python3', libc: { kind, version: libc }, machine };
      const minor = version.split('.')[1] ?? '';
      const { stdout } = await run('python3', ['-c', PROGRAM, minor, kind, ...libc.split('.'), machine]);
      expect(wheelTags(python)).to.deep.equal(JSON.parse(stdout));
    });
  }
});
