import { KdeployError } from '../../../errors.js';
import { compareVersions, isVersion } from '../../../project/python/pep440.js';
import type { LockedPackage } from '../resolve/locked-package.js';
import { parseWheelName, type WheelName } from './wheel-name.js';

/** A wheel's name, which is that of the package, and of its version. Throws KdeployError `build-failed` for another one. */
export function cameAsAsked({ name, version }: LockedPackage, filename: string): WheelName {
  const came = parseWheelName(filename);
  if (came === undefined) throw other(name, version, `${filename}, which is not the name of a wheel`);
  const isSame = version === undefined || (isVersion(version) && compareVersions(came.version, version) === 0);
  if (came.name === name && isSame) return came;
  throw other(name, version, `${filename}, which is ${came.name} ${came.version}`);
}

function other(name: string, version: string | undefined, came: string): KdeployError {
  return new KdeployError(
    'build-failed',
    `the wheel of ${name}${version === undefined ? '' : ` ${version}`} is ${came}`,
    {
      hint: 'lock the requirements again; if that does not help, the package has another name or version than it claims',
    },
  );
}
