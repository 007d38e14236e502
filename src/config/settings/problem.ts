import { KdeployError, type Place } from '../../errors.js';

/** A path of keys: `['run_config', 'authentication', 0, 'type']`. */
export type KeyPath = readonly (string | number)[];

/** Where a setting was given: a file and line, a variable or a flag. */
export interface SettingOrigin {
  /** `conf/base/kdeploy.yml:7`, `KDEPLOY_IMAGE_TAGS`, `--tag`. */
  readonly where: string;
  /** Only for settings from files. */
  readonly place?: Place;
}

/** One thing that is wrong with the configuration. Holds keys and what was expected, never a value that the user wrote. */
export interface ConfigurationProblem extends SettingOrigin {
  /** `run_config.authentication.0.type`; empty for a file as a whole. */
  readonly key: string;
  readonly message: string;
  readonly remedy?: string;
}

/** Everything that is wrong with the configuration at once, so that fixing it takes one round and not ten. */
export class ConfigurationError extends KdeployError {
  readonly problems: readonly ConfigurationProblem[];

  constructor(problems: readonly [ConfigurationProblem, ...ConfigurationProblem[]]) {
    const [first] = problems;
    // With several, each line of the message has its own place.
    const place = problems.length === 1 ? first.place : undefined;
    super('configuration', sentence(problems), {
      ...(place === undefined ? {} : { place }),
      hint: problems.length === 1 && first.remedy !== undefined ? first.remedy : 'fix the settings above',
    });
    this.problems = problems;
  }
}

function sentence(problems: readonly [ConfigurationProblem, ...ConfigurationProblem[]]): string {
  const [first, ...others] = problems;
  if (others.length === 0) return `${first.where}: ${first.message}`;
  const lines = problems.map(
    ({ where, message, remedy }) => `  ${where}: ${message}${remedy === undefined ? '' : ` (${remedy})`}`,
  );
  return [`the configuration has ${problems.length} problems`, ...lines].join('\n');
}

export function originOf(place: Place): SettingOrigin {
  return { where: place.line === undefined ? place.file : `${place.file}:${place.line}`, place };
}

/** A mistyped file can have a whole URL, password and all, where a key belongs. */
const HARMLESS = /^[\w.-]{1,64}$/;

/** A key as a message may repeat it. */
export function quotedKey(key: string): string {
  return HARMLESS.test(key) ? `"${key}"` : 'that is not a valid name';
}

/** The same for a whole path: `build.args.…`. */
export function dotted(path: KeyPath): string {
  return path.map((key) => (typeof key === 'number' || HARMLESS.test(key) ? String(key) : '…')).join('.');
}
