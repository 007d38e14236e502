import { existsSync } from 'node:fs';
import { realpath } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { runChildProcess } from '../builders/kedro/child-process.js';
import { KdeployError } from '../errors.js';
import { everyOnPath, executable, inBinFolder, type ProgramPlace } from '../find-program.js';
import { findKedro } from '../project/kedro/kedro-command.js';
import type { DoctorContext, Probe } from './probe.js';

/** It starts in a quarter of a second. */
const PATIENCE_MILLISECONDS = 10_000;

/**
 * Whether all ways to call kdeploy lead to this version: its command on PATH, also one that another hides, and the one in the
 * project's environment, which `kedro deploy` runs.
 */
export const kdeployProbe: Probe = {
  id: 'kdeploy',
  title: 'kdeploy',
  async run(context) {
    const { version, root } = context.own;
    const commands = await otherCommands(context);
    const versions = await Promise.all(commands.map(({ command }) => versionOf(command, context)));
    // One that does not answer is none: version managers have stand-ins for what another environment has.
    const others = commands
      .map((each, index) => ({ ...each, version: versions[index] }))
      .filter((other) => other.version !== undefined && other.version !== version);
    const detail = `${version} in ${resolve(root)}, with Node.js ${process.versions.node}`;
    if (others.length === 0) return { status: 'ok', detail };
    const found = others.map((other) => `${other.command} is ${other.version ?? ''}`).join(', ');
    const removals = new Set(others.map(({ program }) => removal(program)));
    return {
      status: 'failed',
      detail: `${detail}, but ${found}`,
      remedy: `install the same version in both places, or keep one; to remove the other: ${[...removals].join('; ')}`,
    };
  },
};

interface Command {
  readonly command: string;
  /** What it leads to, by links. */
  readonly program: string;
}

async function otherCommands(context: DoctorContext): Promise<Command[]> {
  const around = {
    environment: context.environment,
    isWindows: process.platform === 'win32',
    currentFolder: process.cwd(),
  };
  const commands = await inProjectEnvironment(context, around);
  for await (const command of everyOnPath('kdeploy', around)) commands.push(command);
  const programs = new Set([await realpath(join(context.own.root, 'bin', 'run.js')).catch(() => '')]);
  const found: Command[] = [];
  for (const command of commands) {
    const program = await realpath(command).catch(() => command);
    if (!programs.has(program)) found.push({ command, program });
    programs.add(program);
  }
  return found;
}

async function inProjectEnvironment(
  { project, kedro, environment }: DoctorContext,
  around: ProgramPlace,
): Promise<string[]> {
  if (project === undefined) return [];
  const { root } = project.project;
  const projectKedro = await findKedro({ projectRoot: root, given: kedro, environment }).catch(() => undefined);
  const found = [
    projectKedro && (await executable(join(dirname(projectKedro.kedro), 'kdeploy'), around)),
    await inBinFolder('kdeploy', join(root, '.venv'), around),
  ];
  return found.filter((each) => each !== undefined);
}

async function versionOf(command: string, { environment }: DoctorContext): Promise<string | undefined> {
  const lines: string[] = [];
  try {
    await runChildProcess(command, ['--version'], {
      folder: process.cwd(),
      environment,
      isWholeEnvironment: true,
      signal: AbortSignal.timeout(PATIENCE_MILLISECONDS),
      onLine: (line) => lines.push(line),
    });
  } catch (error) {
    if (error instanceof KdeployError) return undefined;
    throw error;
  }
  return lines.map((line) => /^kdeploy\/(\S+)/.exec(line)?.[1]).find((version) => version !== undefined);
}

/** By the folder that each installer has for what it installs. */
function removal(program: string): string {
  const folder = program.replaceAll('\\', '/');
  if (folder.includes('/node_modules/')) return 'npm uninstall --global kdeploy';
  if (folder.includes('/uv/tools/')) return 'uv tool uninstall kdeploy';
  if (folder.includes('/pipx/')) return 'pipx uninstall kdeploy';
  const environment = dirname(dirname(program));
  return `pip uninstall kdeploy, ${existsSync(join(environment, 'pyvenv.cfg')) ? `in the environment ${environment}` : `for ${program}`}`;
}
