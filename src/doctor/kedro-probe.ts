import { readFile, readdir } from 'node:fs/promises';
import path from 'node:path';
import { findKedro } from '../project/kedro/kedro-command.js';
import type { Probe } from './probe.js';

/** kedro and the plugins kdeploy calls; distributions by the name of their dist-info folder. */
const NEEDED = ['kedro', 'kedro_docker', 'kedro_mlflow'] as const;

/** Looks into site-packages instead of starting kedro, which takes 6 s with its plugins. */
export const kedroProbe: Probe = {
  id: 'kedro',
  title: 'kedro',
  async run({ project, kedro, environment }) {
    if (project === undefined) return { status: 'skipped', detail: 'not in a Kedro project' };
    const found = await findKedro({ projectRoot: project.project.root, given: kedro, environment });
    const detail = `${found.kedro}, from ${found.origin}`;
    const versions = await installedVersions(found.kedro);
    if (versions === undefined) return { status: 'ok', detail };
    const missing = NEEDED.filter((name) => versions.get(name) === undefined);
    const described = NEEDED.flatMap((name) =>
      versions.has(name) ? [`${name.replace('_', '-')} ${versions.get(name) ?? ''}`] : [],
    );
    if (missing.length === 0) return { status: 'ok', detail: `${described.join(', ')}; ${detail}` };
    const names = missing.map((name) => name.replace('_', '-')).join(' ');
    return { status: 'failed', detail: `${names} not installed with ${found.kedro}`, remedy: `pip install ${names}` };
  },
};

/** `undefined` when the folder's layout is not that of a virtual environment, so that nothing can be said. */
async function installedVersions(kedro: string): Promise<Map<string, string> | undefined> {
  const root = path.dirname(path.dirname(kedro));
  for (const folder of await sitePackages(root)) {
    const names = await readdir(folder).catch(() => []);
    const versions = new Map<string, string>();
    for (const name of names) {
      const match = /^(.+?)-(\d[^-]*)\.dist-info$/.exec(name);
      if (match?.[1] !== undefined && match[2] !== undefined) versions.set(match[1].toLowerCase(), match[2]);
    }
    if (versions.has('kedro')) return versions;
  }
  return undefined;
}

async function sitePackages(root: string): Promise<string[]> {
  try {
    await readFile(path.join(root, 'pyvenv.cfg'));
    if (process.platform === 'win32') return [path.join(root, 'Lib', 'site-packages')];
    const pythons = (await readdir(path.join(root, 'lib'))).filter((name) => name.startsWith('python'));
    return pythons.map((name) => path.join(root, 'lib', name, 'site-packages'));
  } catch {
    return [];
  }
}
