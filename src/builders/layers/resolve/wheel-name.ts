/** What the name of a wheel says (packaging.python.org, "Binary distribution format"). */
export interface WheelName {
  /** As written: normalise it before comparing. */
  readonly distribution: string;
  readonly version: string;
  /** `1build` as a number and the rest; `undefined`: none, which comes before every other. */
  readonly build: readonly [number: number, rest: string] | undefined;
  /** `cp311-cp311-manylinux_2_17_x86_64`, one for each combination of a compressed set (PEP 425). */
  readonly tags: readonly string[];
}

const NAME = /^([^-]+)-([^-]+)(?:-(\d)([^-]*))?-([^-]+)-([^-]+)-([^-]+)\.whl$/;

/** More combinations than any wheel names: a name made to fill the memory stops here. */
const MAXIMUM_TAGS = 1000;

/** `undefined` for a name that is not a wheel's. */
export function parseWheelName(filename: string): WheelName | undefined {
  const parts = NAME.exec(filename);
  if (parts === null) return undefined;
  const [, distribution = '', version = '', digit, rest = '', pythons = '', abis = '', platforms = ''] = parts;
  const sets = [pythons, abis, platforms].map((set) => set.toLowerCase().split('.'));
  if (sets.reduce((product, set) => product * set.length, 1) > MAXIMUM_TAGS) return undefined;
  const tags = sets.reduce((tails, set) => tails.flatMap((tail) => set.map((each) => `${tail}-${each}`)), ['']);
  return {
    distribution,
    version: version,
    build: digit === undefined ? undefined : buildTag(digit + rest),
    tags: tags.map((tag) => tag.slice(1)),
  };
}

function buildTag(text: string): readonly [number, string] {
  const [digits = '0'] = /^\d+/.exec(text) ?? [];
  return [Number(digits), text.slice(digits.length)];
}
