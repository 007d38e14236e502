import { readFile } from 'node:fs/promises';
import { Config, type Interfaces } from '@oclif/core';
import { root } from '../docs/documents.js';

/**
 * oclif's configuration of this package, without the compiled program that package.json names: a test hands over the
 * command's class, and the program may not be built yet.
 */
export async function commandConfig(): Promise<Config> {
  const pjson = JSON.parse(await readFile(`${root}/package.json`, 'utf8')) as Interfaces.PJSON;
  const kept = Object.entries(pjson.oclif).filter(([key]) => !['commands', 'hooks', 'plugins'].includes(key));
  const config = new Config({ root, pjson: { ...pjson, oclif: Object.fromEntries(kept) }, userPlugins: false });
  await config.load();
  return config;
}
