import path from 'node:path';
import type { Settings } from '../config/settings/settings.js';
import { intermediateTag } from '../places/engine/intermediate.js';
import { KdeployError } from '../errors.js';
import { readPlainFile } from '../plain-file.js';
import type { Project } from '../project/project.js';
import { rememberSecret } from '../secrets/given-secrets.js';
import type { BuildArgument, BuildRequest, BuildSecret } from './builder.js';
import { looksSecret } from './kept-secrets.js';

/**
 * What a builder is asked for, with every build argument and secret found beforehand.
 * Throws KdeployError `configuration` for one whose variable or file is not there.
 */
export async function buildRequest(
  project: Project,
  settings: Settings,
  environment: NodeJS.ProcessEnv,
): Promise<BuildRequest> {
  return {
    project: project.root,
    tag: intermediateTag(),
    dockerfile: settings.image.dockerfile,
    baseImage: settings.image.base,
    uid: settings.build.uid,
    gid: settings.build.gid,
    platform: settings.image.platform,
    buildArguments: buildArguments(settings, environment),
    secrets: await Promise.all(settings.build.secrets.map((secret) => buildSecret(secret, project, environment))),
  };
}

function buildArguments(settings: Settings, environment: NodeJS.ProcessEnv): BuildArgument[] {
  return Object.entries(settings.build.args).map(([name, given]) => {
    const value = given ?? environment[name];
    if (value === undefined) {
      throw new KdeployError(
        'configuration',
        `the build argument ${name} has no value, and the variable ${name} is not set`,
        {
          hint: `set it (\`export ${name}=…\`), or pass --build-arg ${name}=VALUE`,
        },
      );
    }
    if (looksSecret({ name, value })) rememberSecret(value);
    return { name, value };
  });
}

async function buildSecret(
  secret: Settings['build']['secrets'][number],
  project: Project,
  environment: NodeJS.ProcessEnv,
): Promise<BuildSecret> {
  if ('env' in secret) {
    if (environment[secret.env] !== undefined) {
      rememberSecret(environment[secret.env]);
      return secret;
    }
    throw new KdeployError(
      'configuration',
      `the build secret ${secret.id} is read from the variable ${secret.env}, which is not set`,
      { hint: `set it (\`export ${secret.env}=…\`), or pass a file: --secret id=${secret.id},src=FILE` },
    );
  }
  const file = path.resolve(project.root, secret.file);
  try {
    // A step of the build may print it.
    rememberSecret((await readPlainFile(file)).toString('utf8'));
  } catch (error) {
    throw new KdeployError(
      'configuration',
      `the file of the build secret ${secret.id} cannot be read: ${secret.file}`,
      { cause: error },
    );
  }
  return { id: secret.id, file };
}

/** A secret's bytes, for handing out to the build that mounts it. */
export async function readSecret(secret: BuildSecret, environment: NodeJS.ProcessEnv): Promise<Buffer> {
  return 'file' in secret ? readPlainFile(secret.file) : Buffer.from(environment[secret.env] ?? '');
}
