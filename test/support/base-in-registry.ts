import { run } from './environment/commands.js';
import type { Environment } from './environment/environment.js';
import { environment } from './environment/mocha.js';

/** By registry: to compress the base image takes longer than most tests. */
const bases = new Map<string, Promise<string>>();

/** The tests' base image in the registry, for the builder that asks no engine for it; once for all files. */
export async function baseInRegistry(around: Environment = environment()): Promise<string> {
  const { registry, baseImage } = around;
  const there = bases.get(registry) ?? copied(baseImage, `${registry}/base/python:3.11`, around);
  bases.set(registry, there);
  return there;
}

/**
 * An image of the engine, in the registry. Not pushed by the engine, which would remember the digest for the base image that all
 * tests share.
 */
export async function copied(
  image: string,
  target: string,
  { env, dockerHost }: Environment = environment(),
): Promise<string> {
  const options = ['--quiet', '--src-daemon-host', dockerHost, '--dest-tls-verify=false'];
  await run(['skopeo', 'copy', ...options, `docker-daemon:${image}`, `docker://${target}`], { env, all: true });
  return target;
}
