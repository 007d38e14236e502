import { authenticationVariablesIn } from '../image/authentication-variables.js';

/** What the cluster would set and a container on this machine gets from the shell: authentication first of all. */
const ALWAYS = [
  'GOOGLE_AUDIENCE',
  'GOOGLE_APPLICATION_CREDENTIALS',
  'MLFLOW_RUN_ID',
  'MLFLOW_WORKSPACE',
  'KDEPLOY_RUN_KEY',
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'NO_PROXY',
] as const;

/** The variable that names a file: the file is mounted as well. */
export const GOOGLE_KEY_FILE = 'GOOGLE_APPLICATION_CREDENTIALS';

/**
 * The variables that are passed into the container, by name: those that the image's own KDEPLOY_AUTH asks for, and a
 * few that orchestrators set. Only what is set here.
 */
export function passedVariables(imageEnv: readonly string[], environment: NodeJS.ProcessEnv): string[] {
  const names = [...authenticationVariablesIn(imageEnv), ...ALWAYS];
  return [...new Set(names)].filter((name) => {
    const value = environment[name];
    return value !== undefined && value !== '';
  });
}

/** Where a container has a file of this machine: under its own path, which on Windows is none for a container. */
export function placeInContainer(file: string, platform: NodeJS.Platform = process.platform): string {
  if (platform !== 'win32') return file;
  const parts = file.replace(':', '').split(/[\\/]+/);
  return `/${parts.filter((part) => part !== '').join('/')}`;
}
