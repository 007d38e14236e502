import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { BakedFile } from '../image/bake-plan.js';
import { templatePath } from '../template-files.js';

const PACKAGE = 'kdeploy_runtime';

/**
 * Python finds entry points through a dist-info folder on PYTHONPATH, with nothing installed
 * (importlib.metadata reads METADATA for the name, entry_points.txt for the rest).
 */
function distInfo(version: string, entryPoints: string): BakedFile[] {
  const folder = `${PACKAGE}-${version}.dist-info`;
  const metadata = ['Metadata-Version: 2.1', 'Name: kdeploy-runtime', `Version: ${version}`, 'License: Apache-2.0', ''];
  return [
    { path: `${folder}/METADATA`, content: Buffer.from(metadata.join('\n')) },
    { path: `${folder}/entry_points.txt`, content: Buffer.from(entryPoints) },
  ];
}

/**
 * What MLflow and Kedro load from the runtime by name: the provider that signs every MLflow call, where
 * MLFLOW_TRACKING_AUTH says so, and the hook that keeps a shared run RUNNING while its tasks come and go.
 */
const TRACKED = `[mlflow.request_auth_provider]
kdeploy = kdeploy_runtime.authentication.mlflow_provider:AuthProvider

[kedro.hooks]
kdeploy = kdeploy_runtime.hook.plugin:hooks
`;

/** In an image without tracking, MLflow and its runs are the project's own affair: only parameters are passed on. */
const UNTRACKED = `[kedro.hooks]
kdeploy = kdeploy_runtime.hook.untracked:hooks
`;

/** The version of the runtime that this kdeploy bakes, as its own file says. */
export async function readRuntimeVersion(): Promise<string> {
  const version = runtimeVersionIn(await readFile(templatePath(`runtime/${PACKAGE}/__init__.py`), 'utf8'));
  if (version === undefined) throw new Error('the runtime does not say its version');
  return version;
}

/** `text` is that of its `__init__.py`. */
export function runtimeVersionIn(text: string): string | undefined {
  return /^__version__ = "([^"]+)"$/m.exec(text)?.[1];
}

/**
 * What makes the image's own Python find the runtime whatever PYTHONPATH and the entrypoint are replaced by: a .pth file
 * for its site-packages.
 */
export async function readPathFile(): Promise<BakedFile> {
  return { path: 'kdeploy.pth', content: await readFile(templatePath('runtime/kdeploy.pth')) };
}

/** The runtime as it is baked: the Python package and its dist-info, paths relative to the folder on PYTHONPATH. */
export async function readRuntimePackage(version: string, { tracked }: { tracked: boolean }): Promise<BakedFile[]> {
  const root = templatePath('runtime');
  const entries = await readdir(path.join(root, PACKAGE), { recursive: true, withFileTypes: true });
  const sources = entries.filter((entry) => entry.isFile() && entry.name.endsWith('.py'));
  const files = await Promise.all(
    sources.map(async (entry) => {
      const file = path.join(entry.parentPath, entry.name);
      return { path: path.relative(root, file).replaceAll(path.sep, '/'), content: await readFile(file) };
    }),
  );
  return [...files, ...distInfo(version, tracked ? TRACKED : UNTRACKED)];
}
