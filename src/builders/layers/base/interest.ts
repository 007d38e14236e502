import type { Interest } from './base-tree.js';

/** Where useradd and groupadd look, and what they change (shadow-utils). */
const ACCOUNT_FILES =
  /^etc\/(?:passwd|group|shadow|gshadow|subuid|subgid|login\.defs|shells|default\/useradd|skel\/.+)$/;
/** Of virtual environments, wherever they are, and of installed Pythons. */
const PYTHON_FILES = /(?:^|\/)(?:pyvenv\.cfg|include\/python3[^/]*\/patchlevel\.h)$/;
/** musl's loader is a link to its libc.so where musl is installed as it comes (its Makefile, Buildroot, Void). */
const PROGRAM =
  /(?:^|\/)(?:(?:platform-)?python[\d.]*[a-z]?|(?:pypy|graalpy)[\d.]*|libpython3[\d.]*[a-z]?\.so\.1\.0|libc\.so\.6|libc-2\.\d+\.so|ld-musl-\w+\.so\.1|(?:[\w-]*musl[\w-]*|lib)\/libc\.so)$/;
/** In a folder of installed packages, as importlib.metadata finds them. */
const METADATA =
  /(?:^|\/)(?:site|dist)-packages\/[^/]+(?:\.dist-info\/METADATA|\.egg-info\/PKG-INFO|\.egg-info|\.egg\/EGG-INFO\/PKG-INFO)$/;
/** To tell a link that leads to a program from one that leads nowhere. */
const COMMAND = /(?:^|\/)s?bin\/[^/]+$/;

/** What is kept of a file of the base. */
export function interestIn(path: string): Interest | undefined {
  if (ACCOUNT_FILES.test(path) || PYTHON_FILES.test(path)) return 'content';
  if (PROGRAM.test(path)) return 'program';
  if (METADATA.test(path)) return hasVersion(path) ? 'presence' : 'content';
  return COMMAND.test(path) || isShallow(path) ? 'presence' : undefined;
}

/** `NAME-VERSION` in front of the ending, so that the file itself need not be read. */
function hasVersion(path: string): boolean {
  return /-\d[^/]*\.(?:dist-info|egg-info|egg)(?:\/|$)/.test(path);
}

/** `home/kedro_docker` may be a file, and a folder cannot be made there. */
function isShallow(path: string): boolean {
  return path.split('/').length <= 2;
}
