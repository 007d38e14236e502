import { KdeployError } from '../../errors.js';
import { singleSetting, type Layer } from './layer.js';
import type { ConfigurationProblem } from './problem.js';

/** Flags that set a key of kdeploy.yml, as the commands parse them. */
export interface SettingsFlags {
  /** May carry a tag, as with docker: `--image team/app:v1`. */
  readonly image?: string | undefined;
  readonly tags?: readonly string[] | undefined;
  readonly baseImage?: string | undefined;
  readonly builder?: string | undefined;
  readonly platform?: string | undefined;
  readonly dockerfile?: string | undefined;
  readonly uid?: number | undefined;
  readonly gid?: number | undefined;
  /** `NAME=value`, or `NAME` for the variable's value, as with docker; added to those of the files. */
  readonly buildArguments?: readonly string[] | undefined;
  /** `id=pip,env=PIP_INDEX_URL` or `id=pip,src=pip.conf`, as with docker; instead of those of the files. */
  readonly secrets?: readonly string[] | undefined;
  readonly trackingUri?: string | undefined;
  readonly experimentName?: string | undefined;
}

export function flagLayers(flags: SettingsFlags, problems: ConfigurationProblem[]): Layer[] {
  const layers: Layer[] = [];
  const add = (name: string, path: readonly string[], value: unknown): void => {
    if (value !== undefined) layers.push(singleSetting(name, path, value));
  };
  const image = flags.image === undefined ? undefined : splitTag(flags.image);
  const tags = flags.tags === undefined || flags.tags.length === 0 ? undefined : flags.tags;
  add('--image', ['image', 'name'], image?.name);
  if (image?.tag !== undefined && tags === undefined) add('--image', ['image', 'tags'], [image.tag]);
  if (image?.tag !== undefined && tags !== undefined) {
    problems.push({
      where: '--image',
      key: 'image.name',
      message: 'the image has a tag, but --tag is also given',
      remedy: 'pass the tag only once',
    });
  }
  add('--tag', ['image', 'tags'], tags);
  add('--base-image', ['image', 'base'], flags.baseImage);
  add('--builder', ['image', 'builder'], flags.builder);
  add('--platform', ['image', 'platform'], flags.platform);
  add('--dockerfile', ['image', 'dockerfile'], flags.dockerfile);
  add('--uid', ['build', 'uid'], flags.uid);
  add('--gid', ['build', 'gid'], flags.gid);
  for (const argument of flags.buildArguments ?? []) {
    const equals = argument.indexOf('=');
    const [name, value] = equals === -1 ? [argument, null] : [argument.slice(0, equals), argument.slice(equals + 1)];
    add('--build-arg', ['build', 'args', name], value);
  }
  if (flags.secrets !== undefined && flags.secrets.length > 0)
    add('--secret', ['build', 'secrets'], flags.secrets.map(parseSecret));
  add('--tracking-uri', ['mlflow', 'tracking_uri'], flags.trackingUri);
  add('--experiment', ['run_config', 'experiment_name'], flags.experimentName);
  return layers;
}

/** `host:5000/team/app:v1` → name and tag; the colon of a port and the one in a digest are none of a tag's. */
export function splitTag(image: string): { readonly name: string; readonly tag?: string } {
  const colon = image.lastIndexOf(':');
  if (colon <= image.lastIndexOf('/') || image.includes('@')) return { name: image };
  return { name: image.slice(0, colon), tag: image.slice(colon + 1) };
}

const SECRET_WORDS = new Set(['id', 'env', 'file', 'type']);

/** Docker's spelling. `type=env` and `type=file` only repeat what the other words say. */
function parseSecret(text: string): Record<string, string> {
  const fields = text.split(',').map((part) => {
    const equals = part.indexOf('=');
    const key = equals === -1 ? part : part.slice(0, equals);
    const value = equals === -1 ? '' : part.slice(equals + 1);
    return [key === 'src' || key === 'source' ? 'file' : key, value] as const;
  });
  // Not repeated: whoever takes the flag for the secret itself has put it there.
  if (fields.some(([key]) => !SECRET_WORDS.has(key)))
    throw new KdeployError('usage', '--secret does not have the form id=ID,src=FILE or id=ID,env=NAME', {
      hint: 'put the secret into a variable or a file, and name that: --secret id=token,env=TOKEN',
    });
  return Object.fromEntries(fields.filter(([key]) => key !== 'type'));
}
