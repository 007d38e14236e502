import type { ImagePython } from '../image-python.js';
import { parseWheelName, type WheelName } from './wheel-name.js';

/**
 * The tags that a CPython installs, best first, as `packaging.tags.sys_tags` has them for pip: its own ABI, the stable
 * ABI of it and of older versions, then pure Python; in each, the newest platform first. Free-threaded builds have
 * another ABI and are not meant.
 */
export function wheelTags(python: ImagePython): readonly string[] {
  const minor = Number(python.version.split('.')[1] ?? 0);
  const own = `cp3${minor}`;
  const platforms = platformTags(python);
  const on = (tag: string): string[] => platforms.map((platform) => `${tag}-${platform}`);
  /** `py311`, `py3`, `py310`, … `py30`. */
  const pure = [`py3${minor}`, 'py3', ...downTo(minor - 1, 0).map((each) => `py3${each}`)];
  return [
    ...on(`${own}-${own}`),
    ...on(`${own}-abi3`),
    ...on(`${own}-none`),
    // The stable ABI begins with Python 3.2.
    ...downTo(minor - 1, 2).flatMap((each) => on(`cp3${each}-abi3`)),
    ...pure.flatMap((each) => on(`${each}-none`)),
    `${own}-none-any`,
    ...pure.map((each) => `${each}-none-any`),
  ];
}

/** What manylinux was called before PEP 600, by glibc 2.N. */
const LEGACY: Readonly<Record<number, string>> = { 17: 'manylinux2014', 12: 'manylinux2010', 5: 'manylinux1' };
/** The oldest glibc 2.N that a wheel for this machine can name (packaging/_manylinux.py). */
const OLDEST_GLIBC: Readonly<Record<ImagePython['machine'], number>> = { x86_64: 5, aarch64: 17 };

function platformTags({ libc, machine }: ImagePython): string[] {
  const [major = 0, minor = 0] = libc.version.split('.').map(Number);
  const named =
    libc.kind === 'musl'
      ? downTo(minor, 0).map((each) => `musllinux_${major}_${each}_${machine}`)
      : downTo(minor, OLDEST_GLIBC[machine]).flatMap((each) => [
          `manylinux_${major}_${each}_${machine}`,
          ...(LEGACY[each] === undefined ? [] : [`${LEGACY[each]}_${machine}`]),
        ]);
  return [...named, `linux_${machine}`];
}

function downTo(first: number, last: number): number[] {
  return Array.from({ length: Math.max(0, first - last + 1) }, (_, index) => first - index);
}

/**
 * The wheel that pip would take of a release: of the best tag, then of the highest build; `undefined`: none fits.
 * What has a name that is not a wheel's is passed over.
 */
export function bestWheel<File extends { readonly filename: string }>(
  files: readonly File[],
  python: ImagePython,
): File | undefined {
  const ranks = new Map(wheelTags(python).map((tag, index) => [tag, index]));
  let best: { readonly file: File; readonly rank: number; readonly build: WheelName['build'] } | undefined;
  for (const file of files) {
    const name = parseWheelName(file.filename);
    const rank = Math.min(...(name?.tags ?? []).map((tag) => ranks.get(tag) ?? Infinity));
    if (name === undefined || rank === Infinity) continue;
    if (best === undefined || rank < best.rank || (rank === best.rank && isHigher(name.build, best.build)))
      best = { file, rank, build: name.build };
  }
  return best?.file;
}

function isHigher(one: WheelName['build'], other: WheelName['build']): boolean {
  if (one === undefined || other === undefined) return one !== undefined && other === undefined;
  return one[0] > other[0] || (one[0] === other[0] && one[1] > other[1]);
}
