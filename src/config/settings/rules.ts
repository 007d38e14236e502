import { KdeployError } from '../../errors.js';
import { parsePlatform } from '../../image/platform.js';
import { parseReference, parseRepositoryName } from '../../image/reference.js';
import { TAG_PLACEHOLDERS, templateProblem, unknownPlaceholders } from '../../image/tag-template.js';
import { secretInAddress } from '../../secrets/address.js';
import { isMap, valueAt, type SettingsMap } from './layer.js';
import type { KeyPath } from './problem.js';
import { didYouMean } from './suggestion.js';

/** Takes a problem at a key. */
export type Report = (path: KeyPath, message: string, remedy?: string) => void;

/**
 * What no type can say. Each rule looks at the settings as they are, even when the schema found fault with others of
 * them, so that everything is reported at once; what is of the wrong type is not its matter.
 */
export type SettingsRule = (settings: SettingsMap, report: Report) => void | Promise<void>;

/** Kedro resolves `${…}` in its own files; kdeploy.yml is not one of them, and `${…}` would reach MLflow as written. */
export const noInterpolations: SettingsRule = (settings, report) => {
  for (const path of textPaths(settings)) {
    if (!(textAt(settings, path) ?? '').includes('${')) continue;
    report(
      path,
      `${path.join('.')} contains an interpolation (\${…}), which kdeploy does not resolve`,
      'write the value (in conf/<env>/kdeploy.yml if it differs between environments), or set it with a KDEPLOY_ variable',
    );
  }
};

export const imageNameIsReference: SettingsRule = (settings, report) => {
  checkText(settings, ['image', 'name'], (name) => parseRepositoryName(name), report);
};

export const baseImageIsReference: SettingsRule = (settings, report) => {
  checkText(settings, ['image', 'base'], parseReference, report);
};

export const platformIsLinux: SettingsRule = (settings, report) => {
  const path = ['image', 'platform'];
  const platform = textAt(settings, path);
  if (platform?.includes(',') === true) {
    report(path, 'image.platform lists several platforms', 'build one at a time: --platform linux/arm64');
    return;
  }
  checkText(
    settings,
    path,
    (text) => {
      if (parsePlatform(text).os !== 'linux')
        report(path, 'image.platform must be a Linux platform', 'use linux/amd64 or linux/arm64');
    },
    report,
  );
};

export const tagsAreTemplates: SettingsRule = async (settings, report) => {
  const tags = valueAt(settings, ['image', 'tags']);
  if (!Array.isArray(tags)) return;
  for (const [index, tag] of (tags as unknown[]).entries()) {
    if (typeof tag !== 'string' || tag === '' || tag.includes('${')) continue;
    const path = ['image', 'tags', index];
    const problem = templateProblem(tag);
    if (problem !== undefined)
      report(path, problem, 'a tag consists of letters, digits, ".", "_" and "-", such as v1 or {git.sha}');
    for (const name of unknownPlaceholders(tag)) {
      const meant = await didYouMean(name, TAG_PLACEHOLDERS);
      const shown = /^[\w.-]{1,40}$/.test(name) ? `{${name}}` : 'between braces';
      report(
        path,
        `unknown placeholder ${shown} in a tag${meant === undefined ? '' : `; did you mean {${meant}}?`}`,
        `supported placeholders: ${TAG_PLACEHOLDERS.map((known) => `{${known}}`).join(', ')}`,
      );
    }
  }
};

export const dockerfileIsInProject: SettingsRule = (settings, report) => {
  const path = ['image', 'dockerfile'];
  const file = textAt(settings, path);
  if (file === undefined) return;
  const leadsOut = /^(?:[\\/]|[A-Za-z]:)/.test(file) || file.split(/[\\/]/).includes('..');
  if (leadsOut)
    report(
      path,
      'image.dockerfile points outside the project',
      'use a path relative to the project: docker/Dockerfile',
    );
};

export const trackingUriHasNoCredentials: SettingsRule = (settings, report) => {
  const path = ['mlflow', 'tracking_uri'];
  if (!hasCredentials(textAt(settings, path) ?? '')) return;
  report(
    path,
    'mlflow.tracking_uri contains a user name or password',
    'remove them, and list the variables that contain them: run_config.authentication of type Vars',
  );
};

/** A build argument's value can be read by everyone who has the image: docker history. */
export const buildArgumentsHoldNoCredentials: SettingsRule = (settings, report) => {
  const args = valueAt(settings, ['build', 'args']);
  for (const [name, value] of Object.entries(isMap(args) ? args : {})) {
    const path = ['build', 'args', name];
    if (!/^[A-Za-z_]\w*$/.test(name))
      report(path, 'a key of build.args is not a valid name for a build argument', 'write NAME: "value"');
    if (typeof value !== 'string' || !hasCredentials(value)) continue;
    report(
      path,
      "a build argument contains a user name or password, which would stay in the image's history",
      'use build.secrets, and RUN --mount=type=secret in the Dockerfile; or set only the name here, and the value in the environment',
    );
  }
};

export const secretsNameOneSource: SettingsRule = (settings, report) => {
  const secrets = valueAt(settings, ['build', 'secrets']);
  if (!Array.isArray(secrets)) return;
  for (const [index, secret] of (secrets as unknown[]).entries()) {
    if (!isMap(secret)) continue;
    const given = ['env', 'file'].filter((key) => secret[key] !== undefined);
    if (given.length !== 1)
      report(
        ['build', 'secrets', index],
        'a build secret needs exactly one of env and file',
        'for example: {id: pip, env: PIP_INDEX_URL}',
      );
  }
};

export const RULES: readonly SettingsRule[] = [
  noInterpolations,
  imageNameIsReference,
  baseImageIsReference,
  platformIsLinux,
  tagsAreTemplates,
  dockerfileIsInProject,
  trackingUriHasNoCredentials,
  buildArgumentsHoldNoCredentials,
  secretsNameOneSource,
];

function textAt(settings: SettingsMap, path: KeyPath): string | undefined {
  const value = valueAt(settings, path);
  return typeof value === 'string' ? value : undefined;
}

/** Runs one of the parsers of image/, whose errors are written for users already. */
function checkText(settings: SettingsMap, path: KeyPath, parse: (text: string) => unknown, report: Report): void {
  const text = textAt(settings, path);
  if (text === undefined || text === '' || text.includes('${')) return;
  try {
    parse(text);
  } catch (error) {
    if (!(error instanceof KdeployError)) throw error;
    report(path, `${path.join('.')}: ${error.message}`, error.hint);
  }
}

/** The texts that kdeploy itself makes use of; what it only hands on to the DAG may well have Airflow's or Python's braces. */
function textPaths(settings: SettingsMap): KeyPath[] {
  const fixed = [
    ...['name', 'base', 'builder', 'platform', 'dockerfile'].map((key) => ['image', key]),
    ['mlflow', 'tracking_uri'],
    ['run_config', 'experiment_name'],
    ['run_config', 'run_name'],
  ];
  const each = (path: KeyPath): KeyPath[] => {
    const value = valueAt(settings, path);
    return Array.isArray(value) ? value.map((_entry, index) => [...path, index]) : [];
  };
  const authentication = each(['run_config', 'authentication']);
  return [
    ...fixed,
    ...each(['image', 'tags']),
    ...authentication.map((path) => [...path, 'audience']),
    ...authentication.flatMap((path) => each([...path, 'params'])),
  ];
}

/** Of an address; an @ in any other text is just an @. */
function hasCredentials(text: string): boolean {
  return text.includes('://') && secretInAddress(text) !== 'none';
}
