import { KdeployError } from '../../../errors.js';
import type { ImagePython } from '../image-python.js';

/** uv's name for any musl that is still in use; what a wheel needs of it is looked at again when it is chosen. */
const MUSL = 'unknown-linux-musl';

/**
 * What `uv pip compile --python-platform` is given for an image's Python. The names are a closed list that differs from
 * version to version of uv (2.42 was refused), so the nearest lower one is taken: wheels for an older glibc run on a
 * newer one. Below the lowest name, that one: which wheel really fits is decided by its tags.
 */
export function pythonPlatform({ libc, machine }: ImagePython, known: readonly string[]): string {
  const isKnown = (name: string): boolean => known.includes(name);
  if (libc.kind === 'musl') {
    const name = `${machine}-${MUSL}`;
    if (isKnown(name)) return name;
    throw unknownPlatform(name);
  }
  const minors = known
    .map((name) => /^(x86_64|aarch64)-manylinux_2_(\d+)$/.exec(name))
    .filter((match) => match?.[1] === machine)
    .map((match) => Number(match?.[2]))
    .sort((one, other) => one - other);
  const [lowest] = minors;
  if (lowest === undefined) throw unknownPlatform(`${machine}-manylinux_2_17`);
  const wanted = Number(libc.version.split('.')[1] ?? 0);
  return `${machine}-manylinux_2_${minors.findLast((minor) => minor <= wanted) ?? lowest}`;
}

/** The possible values of `--python-platform`, from the help of `uv pip compile`. */
export function knownPlatforms(help: string): string[] {
  const words = help.replace(/\s+/g, ' ');
  const [, list = ''] = /--python-platform <\w+>.*?\[possible values: ([^\]]+)\]/.exec(words) ?? [];
  // Where the help is long, a list of `- name: what it is`.
  const [, long = ''] = /--python-platform <\w+>(.*?)(?: --[a-z]|$)/.exec(words) ?? [];
  return list === '' ? [...long.matchAll(/- ([\w-]+):/g)].map(([, name = '']) => name) : list.split(/,\s*/);
}

function unknownPlatform(name: string): KdeployError {
  return new KdeployError('tool-missing', `this version of uv does not know the platform ${name}`, {
    hint: 'install a newer one: pip install --upgrade uv',
  });
}
