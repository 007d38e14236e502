import { normaliseName } from '../../../project/python/name.js';
import { isVersion } from '../../../project/python/pep440.js';

/** What a wheel's file name says of it. */
export interface WheelName {
  /** Normalised (PEP 503). */
  readonly name: string;
  readonly version: string;
  /** Ranks wheels that are otherwise the same: `1`, `1abc`. */
  readonly build: string | undefined;
  /** Of a compressed tag set each part: `['py2', 'py3']`. */
  readonly python: readonly string[];
  readonly abi: readonly string[];
  readonly platform: readonly string[];
}

/** Escaped names have no dash (binary distribution format, "File name convention"). */
const PARTS =
  /^(?<name>\w(?:[\w.]*\w)?)-(?<version>[\w.!+]+)(?:-(?<build>\d[\w.]*))?-(?<python>[\w.]+)-(?<abi>[\w.]+)-(?<platform>[\w.]+)\.whl$/;

/** `numpy-2.3.5-cp311-cp311-manylinux_2_28_x86_64.whl` in its parts; `undefined`: not the name of a wheel. */
export function parseWheelName(filename: string): WheelName | undefined {
  const { name, version, build, python, abi, platform } = PARTS.exec(filename)?.groups ?? {};
  if (name === undefined || version === undefined || !isVersion(version)) return undefined;
  return {
    name: normaliseName(name),
    version,
    build,
    python: tags(python),
    abi: tags(abi),
    platform: tags(platform),
  };
}

/** Whether a wheel is the same for every platform: no code in it was compiled. */
export function isPure({ abi, platform }: Pick<WheelName, 'abi' | 'platform'>): boolean {
  return abi.includes('none') && platform.includes('any');
}

function tags(set = ''): string[] {
  return set.toLowerCase().split('.');
}
