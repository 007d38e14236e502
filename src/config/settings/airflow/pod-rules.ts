import { isMap, type SettingsMap } from '../layer.js';
import type { KeyPath } from '../problem.js';
import type { Report, SettingsRule } from '../rules.js';
import { parseQuantity } from './quantity.js';
import { isSet, listAt, mapAt } from './values.js';

/* What Kubernetes would refuse, or take for something else, when a task of the DAG starts. */

const RUN = 'run_config';

/** An entry for a node or tag is put over the default. */
const requestsFitLimits: SettingsRule = (settings, report) => {
  const resources = mapAt(settings, [RUN, 'resources']);
  const base = mapAt(resources, ['__default__']);
  for (const [name, resource] of Object.entries(resources)) {
    const merged = (key: string): SettingsMap => ({ ...mapAt(base, [key]), ...mapAt(resource, [key]) });
    const limits = merged('limits');
    for (const [kind, amount] of Object.entries(merged('requests'))) {
      const [request, limit] = [amount, limits[kind]].map((value) => parseQuantity(value as string));
      if (request === undefined || limit === undefined || request <= limit) continue;
      const own = ['requests', 'limits'].filter((key) => kind in mapAt(resource, [key]));
      const [key] = own;
      // What is wrong with the default is told there.
      if (key !== undefined)
        report(
          [RUN, 'resources', name, key, kind],
          'a request is larger than its limit',
          own.length === 2 || name === '__default__' ? 'lower the request' : 'set both, or change __default__',
        );
    }
  }
};

const tolerationsFit: SettingsRule = (settings, report) => {
  for (const [name, resource] of Object.entries(mapAt(settings, [RUN, 'resources'])))
    for (const [index, toleration] of listAt(resource, ['tolerations']).entries()) {
      if (!isMap(toleration)) continue;
      const { key, operator, value, effect, tolerationSeconds: seconds } = toleration;
      const path = [RUN, 'resources', name, 'tolerations', index];
      if (operator === 'Exists' && isSet(value) && value !== '')
        report([...path, 'value'], 'a toleration with the operator Exists has a value', 'remove the value');
      if (operator !== 'Exists' && (!isSet(key) || key === ''))
        report(path, 'a toleration has no key', 'set the key, or operator: Exists for every taint');
      if (isSet(seconds) && effect !== 'NoExecute')
        report(
          [...path, 'tolerationSeconds'],
          'a toleration has seconds, but not the effect NoExecute',
          'remove tolerationSeconds, or set effect: NoExecute',
        );
    }
};

const WRITABLE = ['ReadWriteOnce', 'ReadWriteMany', 'ReadWriteOncePod'];

const volumeIsUsable: SettingsRule = (settings, report) => {
  const volume = mapAt(settings, [RUN, 'volume']);
  if (isSet(volume.claim)) {
    for (const key of ['storageclass', 'size', 'access_modes', 'skip_init'])
      if (isSet(volume[key]))
        report(
          [RUN, 'volume', key],
          `run_config.volume.${key} has no effect on an existing claim`,
          'remove it, or claim',
        );
    return;
  }
  if (parseQuantity(volume.size as string) === 0)
    report([RUN, 'volume', 'size'], 'run_config.volume.size is zero', 'write an amount such as 1Gi');
  const modes = listAt(volume, ['access_modes']);
  if (modes.length > 0 && !modes.some((mode) => WRITABLE.includes(mode as string)))
    report(
      [RUN, 'volume', 'access_modes'],
      'run_config.volume.access_modes lets no task write',
      'add ReadWriteMany, or ReadWriteOnce',
    );
};

const volumesAndMountsFit: SettingsRule = (settings, report) => {
  const volumes = listAt(settings, [RUN, 'volumes']);
  const names = volumes.map((volume) => (isMap(volume) ? volume.name : undefined));
  for (const [index, name] of names.entries()) {
    if (typeof name === 'string' && name.startsWith('kdeploy-'))
      report(
        [RUN, 'volumes', index],
        'a volume has a name of kdeploy',
        'give it one that does not start with kdeploy-',
      );
    const [, ...others] = Object.keys(mapAt(volumes[index], [])).filter((key) => key !== 'name');
    if (others.length > 0) report([RUN, 'volumes', index], 'a volume has several sources', 'keep one of them');
    if (name !== undefined && names.indexOf(name) < index)
      report([RUN, 'volumes', index], 'two volumes have the same name', 'rename one of them');
  }
  const paths = new Set<string>();
  for (const [index, mount] of listAt(settings, [RUN, 'volume_mounts']).entries()) {
    if (!isMap(mount)) continue;
    if (typeof mount.name === 'string' && !names.includes(mount.name))
      report(
        [RUN, 'volume_mounts', index],
        'a mount has no volume of that name',
        'add the volume to run_config.volumes',
      );
    mountedOnce(mount.mountPath, [RUN, 'volume_mounts', index], paths, report);
  }
  for (const [index, secret] of listAt(settings, [RUN, 'secrets']).entries())
    if (isMap(secret) && secret.deploy_type === 'volume')
      mountedOnce(secret.deploy_target, [RUN, 'secrets', index, 'deploy_target'], paths, report);
};

function mountedOnce(folder: unknown, path: KeyPath, seen: Set<string>, report: Report): void {
  if (typeof folder !== 'string') return;
  const plain = folder.replace(/\/+$/, '');
  if (seen.has(plain)) report(path, 'two mounts have the same path', 'change one of them');
  seen.add(plain);
}

export const POD_RULES: readonly SettingsRule[] = [
  requestsFitLimits,
  tolerationsFit,
  volumeIsUsable,
  volumesAndMountsFit,
];
