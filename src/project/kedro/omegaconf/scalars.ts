import type { CollectionTag, ScalarTag } from 'yaml';

/**
 * How OmegaConf reads plain scalars (omegaconf/_yaml.py, get_yaml_loader; before it PyYAML, yaml/resolver.py). It differs
 * from YAML 1.1 as others read it: `1e3` is a number, `089` and dates are text.
 *
 * Whole numbers become bigint: `1` and `1.0` are different text once they are interpolated into a string.
 */
export const OMEGACONF_TAGS: (ScalarTag | CollectionTag)[] = [
  scalar('null', /^(?:~|null|Null|NULL)?$/, () => null),
  scalar('bool', /^(?:yes|Yes|YES|true|True|TRUE|on|On|ON)$/, () => true),
  scalar('bool', /^(?:no|No|NO|false|False|FALSE|off|Off|OFF)$/, () => false),
  scalar('int', /^[-+]?0b[01_]*[01][01_]*$/, (text) => whole(text, '0b', 2)),
  scalar('int', /^[-+]?0x[0-9a-fA-F_]*[0-9a-fA-F][0-9a-fA-F_]*$/, (text) => whole(text, '0x', 2)),
  // PyYAML takes these for numbers, and then stops at them.
  scalar('int', /^[-+]?0[bx]_+$/, () => NaN),
  scalar('int', /^[-+]?0[0-7_]+$/, (text) => whole(text, '0o', 1)),
  scalar('int', /^[-+]?(?:0|[1-9][0-9_]*)$/, (text) => whole(text, '', 0)),
  scalar('int', /^[-+]?[1-9][0-9_]*(?::[0-5]?[0-9])+$/, sexagesimal),
  // PyYAML's pattern, then OmegaConf's additions to it.
  scalar('float', /^(?:[-+]?[0-9][0-9_]*\.[0-9_]*(?:[eE][-+][0-9]+)?|\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?)$/, decimal),
  scalar('float', /^[-+]?[0-9]+(?:_[0-9]+)*(?:\.[0-9_]*(?:[eE][-+]?[0-9]+)?|[eE][-+]?[0-9]+)$/, decimal),
  scalar(
    'float',
    /^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*$|^[-+]?\.(?:inf|Inf|INF)$|^\.(?:nan|NaN|NAN)$/,
    () => NaN,
  ),
];

/** Longer ones are no setting; Python refuses them from 4300 digits on, and reading them takes time with the square of it. */
const MAXIMUM_DIGITS = 100;

function scalar(name: string, test: RegExp, read: (text: string) => unknown): ScalarTag {
  const resolve = (text: string): unknown => (text.length > MAXIMUM_DIGITS ? NaN : read(text));
  return { tag: `tag:yaml.org,2002:${name}`, default: true, test, resolve };
}

function whole(text: string, prefix: string, skipped: number): bigint {
  const digits = text.replace(/^[-+]/, '').slice(skipped).replaceAll('_', '');
  return signed(text, BigInt(prefix + (digits === '' ? '0' : digits)));
}

function sexagesimal(text: string): bigint {
  const parts = text.replace(/^[-+]/, '').replaceAll('_', '').split(':');
  return signed(
    text,
    parts.reduce((sum, part) => sum * 60n + BigInt(part), 0n),
  );
}

function signed(text: string, value: bigint): bigint {
  return text.startsWith('-') ? -value : value;
}

function decimal(text: string): number {
  return Number(text.replaceAll('_', ''));
}
