import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { openWheel } from '../../src/builders/layers/wheels/wheel-archive.js';
import type { Packed } from './pack.js';

const run = promisify(execFile);

/** What an archive holds and what it should: the paths in it, without the folder that all of a tarball is in. */
export interface Contents {
  readonly found: readonly string[];
  readonly expected: readonly string[];
}

export interface PackedContents {
  readonly tarball: Contents;
  readonly wheel: Contents;
  readonly sdist: Contents;
}

/** Of what was packed from a checkout. Expected is what is committed, and what the build makes of it. */
export async function contentsOf({ tarball, wheel, sdist }: Packed, checkout: string): Promise<PackedContents> {
  const inTarball = await filesInTar(tarball);
  const inSdist = await filesInTar(sdist);
  const archive = await openWheel(wheel);
  await archive.close();
  const inWheel = archive.entries.map(({ name }) => name);

  const forNpm = [...(await committed(checkout, ['bin/run.js', 'templates', 'schema', 'docs'])), ...ADDED_BY_NPM]
    .filter((file) => !file.startsWith('templates/image/'))
    .concat(inTarball.filter((file) => COMPILED.test(file)));
  const sources = (await committed(checkout, ['python/src'])).map((file) => file.slice('python/src/'.length));
  const program = forNpm.map((file) => `${PROGRAM}${file}`);
  const packages = inWheel.filter(isOfPackage);
  const forPip = [...sources, ...program, ...packages];
  const information = inWheel.find((file) => file.endsWith('.dist-info/WHEEL'))?.slice(0, -'WHEEL'.length) ?? '';
  return {
    tarball: contents(inTarball, forNpm),
    wheel: contents(inWheel, [...forPip, ...INFORMATION.map((file) => `${information}${file}`)]),
    sdist: contents(inSdist, [...forPip.map((file) => `src/${file}`), ...AROUND_SOURCES]),
  };
}

/** What is missing, and what nobody listed. */
export function contentsProblems({ found, expected }: Contents): string[] {
  const missing = expected.filter((file) => !found.includes(file)).map((file) => `missing: ${file}`);
  const foreign = found.filter((file) => !expected.includes(file)).map((file) => `not listed: ${file}`);
  return [...missing, ...foreign];
}

const ADDED_BY_NPM = ['CHANGELOG.md', 'LICENSE', 'README.md', 'oclif.manifest.json', 'package.json'];
/** With maps, by which a stack names places in the sources. */
const COMPILED = /^dist\/(?:[\w.-]+\.js(?:\.map)?|third-party-licences\.txt)$/;
const PROGRAM = 'kdeploy/program/';
const INFORMATION = ['METADATA', 'WHEEL', 'entry_points.txt', 'licenses/LICENSE', 'RECORD'];
const AROUND_SOURCES = ['LICENSE', 'PKG-INFO', 'README.md', 'pyproject.toml'];

/** What Node reads of a package, and its licence: no types, no tests, no maps, no pages. */
function isOfPackage(file: string): boolean {
  if (!file.startsWith(`${PROGRAM}node_modules/`)) return false;
  const names = file.slice(PROGRAM.length).split('/');
  const isRead = /\.(?:[cm]?js|json|proto|wasm)$|^(?:licen[cs]e|copying|notice)/i.test(path.basename(file));
  return (
    isRead && !names.some((name) => /^\.|^(?:tests?|__tests__|docs?|examples?)$|\.(?:test|spec)\.\w+$/i.test(name))
  );
}

function contents(found: readonly string[], expected: readonly string[]): Contents {
  return { found: found.toSorted(), expected: [...new Set(expected)].sort() };
}

async function committed(checkout: string, places: readonly string[]): Promise<string[]> {
  const { stdout } = await run('git', ['ls-files', '-z', ...places], { cwd: checkout });
  return stdout.split('\0').filter((file) => file !== '');
}

async function filesInTar(file: string): Promise<string[]> {
  const { stdout } = await run('tar', ['--list', '--gzip', '--file', file], { maxBuffer: 100_000_000 });
  const paths = stdout.split('\n').filter((name) => name !== '' && !name.endsWith('/'));
  return paths.map((name) => name.slice(name.indexOf('/') + 1));
}
