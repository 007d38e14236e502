import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { secretInAddress } from '../../secrets/address.js';
import { isSecretVariable } from '../../secrets/secret-names.js';

type Environment = Readonly<Record<string, string | undefined>>;

/** Kedro loads nothing else for mlflow.yml (kedro/config/omegaconf_config.py, config_patterns). */
const FILE = /^(?:mlflow|globals).*\.ya?ml$/;

/**
 * The environment for the project's own code, settings.py above all: without credentials, which it has no use for while it
 * says how MLflow is configured. Those that mlflow.yml or globals.yml names (`${oc.env:MLFLOW_PASSWORD}`) are passed.
 */
export async function projectEnvironment(projectRoot: string, environment: Environment): Promise<Environment> {
  const isCredential = (name: string, value = '') =>
    isSecretVariable(name) || (/^\S*:\/\/\S*@/.test(value) && secretInAddress(value) !== 'none');
  const credentials = Object.entries(environment).filter(([name, value]) => isCredential(name, value));
  if (credentials.length === 0) return environment;
  const named = new Set((await configuration(path.join(projectRoot, 'conf'))).match(/\w+/g));
  const withheld = new Set(credentials.map(([name]) => name).filter((name) => !named.has(name)));
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !withheld.has(name)));
}

async function configuration(folder: string): Promise<string> {
  // A project may keep its configuration elsewhere; then no credential is passed.
  const files = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const texts = files
    .filter((entry) => entry.isFile() && FILE.test(entry.name))
    .map((entry) => readFile(path.join(entry.parentPath, entry.name), 'utf8').catch(() => ''));
  return (await Promise.all(texts)).join('\n');
}
