import path from 'node:path';

/** The virtual environment that a wheel is installed into. */
export interface InstallLayout {
  /** `/opt/venv`. */
  readonly venv: string;
  /** `3.11`. */
  readonly pythonMinor: string;
}

/** A key of a wheel's .data folder: where its files belong. */
export type Scheme = 'purelib' | 'platlib' | 'scripts' | 'headers' | 'data';

const SCHEMES: readonly string[] = ['purelib', 'platlib', 'scripts', 'headers', 'data'] satisfies Scheme[];

export function isScheme(name: string): name is Scheme {
  return SCHEMES.includes(name);
}

/** The program of the environment, which scripts start with. */
export function pythonOf({ venv }: InstallLayout): string {
  return `${venv}/bin/python`;
}

/** As in an image's layers, without the first slash. */
export function sitePackagesOf({ venv, pythonMinor }: InstallLayout): string {
  return `${venv.slice(1)}/lib/python${pythonMinor}/site-packages`;
}

/** The folder of programs. */
export function scriptsOf({ venv }: InstallLayout): string {
  return `${venv.slice(1)}/bin`;
}

/**
 * The folder for a scheme's files, as uv and pip have it in a virtual environment: headers have a place of their own there,
 * since the environment's `include` may be the base Python's. `name` is the package's, normalised.
 */
export function folderOf(scheme: Scheme, layout: InstallLayout, name: string): string {
  switch (scheme) {
    case 'purelib':
    case 'platlib':
      return sitePackagesOf(layout);
    case 'scripts':
      return scriptsOf(layout);
    case 'headers':
      return `${layout.venv.slice(1)}/include/site/python${layout.pythonMinor}/${name}`;
    case 'data':
      return layout.venv.slice(1);
  }
}

/** `lib64` is a link to `lib` in a virtual environment: a file below the one is a file below the other. */
export function withoutLinks(imagePath: string, { venv }: InstallLayout): string {
  const link = `${venv.slice(1)}/lib64/`;
  return imagePath.startsWith(link) ? `${venv.slice(1)}/lib/${imagePath.slice(link.length)}` : imagePath;
}

/**
 * Whether the environment itself has this file: its configuration, or its Python under one of the names that uv reserves
 * (crates/uv-install-wheel/src/wheel.rs, reserved_script_name).
 */
export function belongsToEnvironment(imagePath: string, layout: InstallLayout): boolean {
  if (imagePath === `${layout.venv.slice(1)}/pyvenv.cfg` || imagePath === `${layout.venv.slice(1)}/lib64`) return true;
  if (path.posix.dirname(imagePath) !== scriptsOf(layout)) return false;
  const name = path.posix.basename(imagePath).toLowerCase();
  return /^(?:pythonw?|python3|graalpy|pypy[23]?|python3\.\d+t?|pythonw3\.\d+t)(?:\.py)?(?:\.exe)?$/.test(name);
}
