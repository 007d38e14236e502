import type { Place } from '../errors.js';

/** `conf/base/kdeploy.yml:12`, as editors and compilers write it. */
export function placeText({ file, line }: Place): string {
  return line === undefined ? file : `${file}:${line}`;
}
