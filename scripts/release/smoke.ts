import { execFile } from 'node:child_process';
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

interface Ended {
  readonly stdout: string;
  readonly stderr: string;
}

export interface SmokeTest {
  readonly version: string;
  /** The Kedro project that is checked: a folder of sources, which is copied. */
  readonly sources: string;
  /** An empty folder of its own. */
  readonly folder: string;
}

/** Installs the tarball as npm does it for a user; returns what does not work then. */
export async function npmProblems(tarball: string, test: SmokeTest): Promise<string[]> {
  const place = path.join(test.folder, 'npm');
  await mkdir(place, { recursive: true });
  const words = ['install', '--silent', '--no-audit', '--no-fund', '--prefer-offline', '--prefix', place, tarball];
  await run('npm', words, { cwd: place });
  return problems(place, path.join(place, 'node_modules/.bin/kdeploy'), test);
}

/** The same for a wheel, or for an sdist, which is built first; in a virtual environment of its own. */
export async function pipProblems(file: string, uv: string, test: SmokeTest): Promise<string[]> {
  const place = path.join(test.folder, path.extname(file));
  await run(uv, ['venv', '--quiet', place]);
  await run(uv, ['pip', 'install', '--quiet', '--python', path.join(place, 'bin/python'), file]);
  return problems(place, path.join(place, 'bin/kdeploy'), test);
}

async function problems(place: string, command: string, { version, sources }: SmokeTest): Promise<string[]> {
  const project = path.join(place, 'project');
  await cp(sources, project, { recursive: true });
  await writeFile(
    path.join(project, 'pyproject.toml'),
    '[tool.kedro]\npackage_name = "spaceflights"\nproject_name = "spaceflights"\nkedro_init_version = "1.0.0"\n',
  );
  const kdeploy = (...words: string[]) =>
    run(command, words, { cwd: project }).catch((error: unknown) => error as Ended);
  const found: string[] = [];
  const { stdout: shown } = await kdeploy('--version');
  if (!shown.startsWith(`kdeploy/${version} `)) found.push(`--version says ${shown}`);
  const { stdout, stderr } = await kdeploy('check', '--json', '--no-execute');
  if (!/"findings": ?\[/.test(stdout)) found.push(`check reported nothing: ${stdout}${stderr}`.slice(0, 500));
  await kdeploy('init', '--image', 'registry.example.com/team/spaceflights');
  const configuration = await readFile(path.join(project, 'conf/base/kdeploy.yml'), 'utf8').catch(() => '');
  if (!configuration.includes('registry.example.com/team/spaceflights')) found.push('init wrote no kdeploy.yml');
  return found;
}
