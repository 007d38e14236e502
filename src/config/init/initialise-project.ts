import { access, readFile, realpath } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { KdeployError } from '../../errors.js';
import { createFile, replaceFile } from '../../guarded-file.js';
import { readRepository } from '../../git/repository.js';
import { remoteLocation } from '../../git/remote-url.js';
import { parseRepositoryName } from '../../image/reference.js';
import { environmentNames, type EnvironmentNames } from '../../project/kedro/loader-settings.js';
import type { ProjectSource } from '../../project/sources/source.js';
import { templatePath } from '../../template-files.js';
import { splitTag } from '../settings/flags.js';
import { imageOf, renderInitialConfig, type InitialConfig } from './initial-config.js';
import { migrate } from './migration.js';
import { isLegacyFile } from '../settings/legacy/legacy-layers.js';
import { configurationFiles, loadSettings } from '../settings/load.js';
import { ConfigurationError } from '../settings/problem.js';
import type { SettingsWarning } from '../settings/settings.js';

export interface InitialiseOptions {
  readonly project: {
    readonly root: string;
    readonly name: string;
    readonly packageName: string;
    readonly sourceFolder: string;
    readonly source: ProjectSource;
  };
  /** Replaces a kdeploy.yml that is there already. */
  readonly force?: boolean;
  /** With or without a tag. */
  readonly image?: string | undefined;
  /** The Kedro environment that the next steps are about; `undefined`: the project's default. */
  readonly env?: string | undefined;
}

export interface Initialised {
  /** Relative to the project: `conf/base/kdeploy.yml`. */
  readonly file: string;
  readonly replaced: boolean;
  /** kedro-airflow-k8s's file whose settings were taken over. */
  readonly takenOverFrom: string | null;
  /** Keys of kdeploy.yml whose value comes from it; what became of its other keys is among the warnings. */
  readonly migratedKeys: readonly string[];
  readonly warnings: readonly SettingsWarning[];
  readonly nextSteps: readonly NextStep[];
}

export interface NextStep {
  readonly text: string;
  /** What to type, where it is a command. */
  readonly command?: string;
}

/**
 * Writes the project's kdeploy.yml, filled with what the project, its git remote and a legacy file tell.
 * Throws KdeployError `usage` when there is one, unless `force`; then nothing has been changed.
 */
export async function initialiseProject(options: InitialiseOptions): Promise<Initialised> {
  const { project, force = false } = options;
  const names = await environmentNames(project);
  const folder = `${names.confSource}/${names.baseEnvironment}`;
  const [file = ''] = configurationFiles(folder);
  const existing = await firstExisting(project.source, configurationFiles(folder));
  // Found early for the other spelling, .yaml, too; the writing itself makes sure once more.
  if (existing !== undefined && !force) throw alreadyThere(existing);

  const target = existing ?? file;
  const warnings: SettingsWarning[] = [];
  const config: InitialConfig = {
    projectName: project.name,
    packageName: project.packageName,
    repository: await repositoryOf(project.root, warnings),
    image: options.image === undefined ? undefined : imageFrom(options.image),
    legacy: await readLegacy(project, names, warnings),
    schema: await installedSchema(join(project.root, folder)),
  };
  const template = await readFile(templatePath('kdeploy.yml'), 'utf8');
  const { stringify } = await import('yaml');
  // 1.1, as it is read again: `on` and 1_000 must come out in quotes.
  const text = renderInitialConfig(template, config, (value) => stringify(value, { version: '1.1', lineWidth: 0 }));
  // What they read may be refused; so before anything is written.
  const steps = await nextSteps(project.source, target, config, names, options.env);
  if (force) await replaceFile(project.root, target, text);
  else if (!(await createFile(project.root, target, text))) throw alreadyThere(target);
  return {
    file: target,
    replaced: existing !== undefined,
    takenOverFrom: config.legacy?.file ?? null,
    migratedKeys: config.legacy?.migration.kept ?? [],
    warnings,
    nextSteps: steps,
  };
}

function imageFrom(image: string): { name: string; tags?: string[] } {
  parseRepositoryName(image, { tagAllowed: true });
  const { name, tag } = splitTag(image);
  return tag === undefined ? { name } : { name, tags: [tag] };
}

async function repositoryOf(root: string, warnings: SettingsWarning[]): Promise<InitialConfig['repository']> {
  try {
    const repository = await readRepository(root);
    if (repository === undefined) return undefined;
    const remote = repository.remoteUrl === undefined ? undefined : remoteLocation(repository.remoteUrl);
    return {
      remote,
      folder: relative(repository.root, await realpath(root))
        .split(sep)
        .join('/'),
    };
  } catch (error) {
    // git only tells what to suggest; what it complains about must be fixed before a build, not before this.
    if (!(error instanceof KdeployError)) throw error;
    warnings.push({
      where: 'git',
      message: error.message,
      ...(error.hint === undefined ? {} : { remedy: error.hint }),
    });
    return undefined;
  }
}

/** Variables don't count here: what they hold today must not be written down for good. */
async function readLegacy(
  { source, packageName }: InitialiseOptions['project'],
  { confSource, baseEnvironment }: EnvironmentNames,
  warnings: SettingsWarning[],
): Promise<InitialConfig['legacy']> {
  const folder = `${confSource}/${baseEnvironment}`;
  const files = (await source.list(folder)).filter((path) => isLegacyFile(path, folder));
  if (files.length === 0) return undefined;
  const hidden = configurationFiles(folder);
  const legacyOnly: ProjectSource = {
    read: (path) => (hidden.includes(path) ? Promise.resolve(undefined) : source.read(path)),
    list: (folder, skip) => source.list(folder, skip),
  };
  try {
    const settings = await loadSettings({
      source: legacyOnly,
      env: baseEnvironment,
      baseEnv: baseEnvironment,
      confSource,
      environmentVariables: {},
      migrating: true,
    });
    const migration = migrate(settings, packageName);
    warnings.push(...migration.notes);
    return { file: files.join(' and '), settings, migration };
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    for (const { where, message } of error.problems) {
      warnings.push({
        where,
        message: `${message}; no settings were imported from this file`,
        remedy: 'fix it and run kdeploy init --force',
      });
    }
    return undefined;
  }
}

/** Where the project has kdeploy among its own packages; any other place is of this machine, and no URL exists. */
async function installedSchema(folder: string): Promise<string | undefined> {
  const path = '../../node_modules/kdeploy/schema/kdeploy.schema.json';
  return access(join(folder, path)).then(
    () => path,
    () => undefined,
  );
}

async function nextSteps(
  source: ProjectSource,
  file: string,
  config: InitialConfig,
  { confSource, baseEnvironment, defaultRunEnvironment }: EnvironmentNames,
  env: string | undefined,
): Promise<NextStep[]> {
  const steps: NextStep[] = [];
  if (imageOf(config) === undefined)
    steps.push({ text: `set image.name in ${file} to where the image should be pushed` });
  for (const [key, value] of [
    ['experiment_name', config.legacy?.settings.runConfig.experimentName],
    ['run_name', config.legacy?.settings.runConfig.runName],
  ] as const)
    if (value?.includes('${') === true)
      steps.push({
        text: `replace the placeholder \${…} in run_config.${key} in ${file}: kdeploy does not fill it in`,
      });
  const overlays = (await source.list(confSource)).filter(
    (path) =>
      isLegacyFile(path, dirname(path)) && ![confSource, `${confSource}/${baseEnvironment}`].includes(dirname(path)),
  );
  for (const overlay of overlays) {
    steps.push({
      text: `move the settings from ${overlay} to ${dirname(overlay)}/kdeploy.yml: the old file is no longer read`,
    });
  }
  const runEnvironment = env ?? defaultRunEnvironment;
  const [ofBase, ofRun] = [baseEnvironment, runEnvironment].map((name) => `${confSource}/${name}/mlflow.yml`);
  if ((await firstExisting(source, [ofBase ?? '', ofRun ?? ''])) === undefined) {
    const init = runEnvironment === 'local' ? 'kedro mlflow init' : `kedro mlflow init --env ${runEnvironment}`;
    // It refuses a folder that does not exist.
    const isThere = (await source.list(`${confSource}/${runEnvironment}`)).length > 0;
    const command = isThere ? init : `mkdir -p ${confSource}/${runEnvironment} && ${init}`;
    if (!(await mentionsKedroMlflow(source)))
      steps.push({
        text: 'install kedro-mlflow, which reads mlflow.yml, and add it to the requirements',
        command: 'pip install kedro-mlflow',
      });
    steps.push({ text: `create ${ofRun ?? 'mlflow.yml'}, and set the MLflow server in it`, command });
  }
  const flag = env === undefined ? '' : ` --env ${env}`;
  steps.push({ text: 'check the project', command: `kdeploy check${flag}` });
  steps.push({ text: 'build the image', command: `kdeploy build${flag}` });
  return steps;
}

/** `kedro mlflow` is a command of kedro-mlflow. Whether the image gets the package is for the checks to find out. */
async function mentionsKedroMlflow(source: ProjectSource): Promise<boolean> {
  for (const file of ['requirements.txt', 'requirements.in', 'src/requirements.txt', 'pyproject.toml', 'Dockerfile'])
    if (/kedro[-_.]mlflow/i.test((await source.read(file))?.toString('utf8') ?? '')) return true;
  return false;
}

async function firstExisting(source: ProjectSource, files: readonly string[]): Promise<string | undefined> {
  for (const file of files) if ((await source.read(file)) !== undefined) return file;
  return undefined;
}

function alreadyThere(file: string): KdeployError {
  return new KdeployError('usage', `${file} already exists; nothing was changed`, {
    hint: 'edit it, or replace it with: kdeploy init --force',
  });
}
