import path from 'node:path';
import { messageOf, KdeployError, systemCodeOf } from '../../../errors.js';
import { readPlainFile } from '../../../plain-file.js';
import { rememberSecretsInAddress } from '../../../secrets/given-secrets.js';

/** A setting of pip, by its long name without hyphens in front: `extra-index-url`. */
export interface PipOption {
  readonly name: string;
  readonly value: string;
  /** Who says so: `PIP_EXTRA_INDEX_URL`, `/etc/pip.conf`. */
  readonly origin: string;
}

export type PipOptions = ReadonlyMap<string, PipOption>;

export interface PipSurroundings {
  /** Absolute; its `.venv` may have a pip.conf. */
  readonly project: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly platform?: NodeJS.Platform;
}

/**
 * What `pip install` would be told by its files and variables (pip's documentation, "Configuration"): of the files the
 * later ones count (of the machine, the user, the virtual environment, PIP_CONFIG_FILE), in them [install] counts more
 * than [global], and variables more than files. An empty value is none.
 */
export async function readPipOptions(around: PipSurroundings): Promise<PipOptions> {
  const options = new Map<string, PipOption>();
  const files: { file: string; sections: ReadonlyMap<string, ReadonlyMap<string, string>> }[] = [];
  for (const file of configurationFiles(around)) {
    const text = await textOf(file);
    if (text !== undefined) files.push({ file, sections: readSections(text) });
  }
  // A command's section of any file counts more than [global] of any other.
  for (const section of ['global', 'install'])
    for (const { file, sections } of files)
      for (const [name, value] of sections.get(section) ?? []) add({ name, value, origin: file });
  for (const [variable, value = ''] of Object.entries(around.environment)) {
    const [, name] = /^PIP_(\w+)$/.exec(variable) ?? [];
    if (name !== undefined && !NO_OPTIONS.has(name)) add({ name, value, origin: variable });
  }
  return options;

  function add({ name, value, origin }: PipOption): void {
    rememberSecretsInAddress(value);
    const long = name.toLowerCase().replaceAll('_', '-').replace(/^--/, '');
    if (value.trim() !== '') options.set(long, { name: long, value: value.trim(), origin });
  }
}

/** Variables that are about pip's configuration, not a part of it. */
const NO_OPTIONS = new Set(['CONFIG_FILE', 'VERSION', 'HELP']);

/** In the order in which pip reads them. */
export function configurationFiles({ project, environment, platform = process.platform }: PipSurroundings): string[] {
  const own = environment.PIP_CONFIG_FILE ?? '';
  // pip: no file at all.
  if (own === '/dev/null' || own.toLowerCase() === 'nul') return [];
  const paths = platform === 'win32' ? path.win32 : path.posix;
  const home = environment.HOME ?? environment.USERPROFILE ?? '';
  const name = platform === 'win32' ? 'pip.ini' : 'pip.conf';
  const prefixes = [environment.VIRTUAL_ENV ?? '', paths.join(project, '.venv')].filter((folder) => folder !== '');
  const ofMachine =
    platform === 'win32'
      ? [paths.join(environment.PROGRAMDATA ?? 'C:\\ProgramData', 'pip')]
      : platform === 'darwin'
        ? ['/Library/Application Support/pip']
        : [...split(environment.XDG_CONFIG_DIRS, '/etc/xdg').map((folder) => paths.join(folder, 'pip')), '/etc'];
  const ofUser =
    platform === 'win32'
      ? [paths.join(home, 'pip'), paths.join(environment.APPDATA ?? paths.join(home, 'AppData', 'Roaming'), 'pip')]
      : platform === 'darwin'
        ? [
            paths.join(home, '.pip'),
            paths.join(home, '.config', 'pip'),
            paths.join(home, 'Library', 'Application Support', 'pip'),
          ]
        : [
            paths.join(home, '.pip'),
            paths.join(given(environment.XDG_CONFIG_HOME) ?? paths.join(home, '.config'), 'pip'),
          ];
  return [
    ...ofMachine.map((folder) => paths.join(folder, name)),
    ...(home === '' ? [] : ofUser.map((folder) => paths.join(folder, name))),
    ...prefixes.map((folder) => paths.join(folder, name)),
    ...(own === '' ? [] : [own]),
  ];
}

function split(value: string | undefined, otherwise: string): string[] {
  return (given(value) ?? otherwise).split(':').filter((folder) => folder !== '');
}

function given(value: string | undefined): string | undefined {
  return value === '' ? undefined : value;
}

async function textOf(file: string): Promise<string | undefined> {
  try {
    return (await readPlainFile(file)).toString('utf8').replace(/^\uFEFF/, '');
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'EISDIR'].includes(systemCodeOf(error) ?? '')) return undefined;
    throw new KdeployError('configuration', `pip's configuration ${file} cannot be read: ${messageOf(error)}`, {
      cause: error,
      hint: 'it may name the index that the packages come from: make it readable, or set PIP_CONFIG_FILE',
    });
  }
}

/** Python's RawConfigParser: `name = value` or `name: value`, continued by indented lines; comments take a whole line. */
export function readSections(text: string): Map<string, Map<string, string>> {
  const sections = new Map<string, Map<string, string>>();
  let section: Map<string, string> | undefined;
  let last: string | undefined;
  for (const line of text.split(/\r?\n/)) {
    const trimmed = line.trim();
    if (trimmed === '' || /^[#;]/.test(trimmed)) continue;
    if (/^\s/.test(line) && last !== undefined && section !== undefined) {
      section.set(last, `${section.get(last) ?? ''}\n${trimmed}`.trim());
      continue;
    }
    const [, header] = /^\[([^\]]+)\]/.exec(trimmed) ?? [];
    if (header !== undefined) {
      section = sections.get(header) ?? new Map<string, string>();
      sections.set(header, section);
      last = undefined;
      continue;
    }
    const [, name, value = ''] = /^([^=:]+?)\s*[=:]\s*(.*)$/.exec(trimmed) ?? [];
    last = name?.toLowerCase();
    if (last !== undefined) section?.set(last, value);
  }
  return sections;
}
