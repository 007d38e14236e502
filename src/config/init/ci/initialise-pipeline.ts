import { readFile } from 'node:fs/promises';
import { initialiseProject, type Initialised, type NextStep } from '../initialise-project.js';
import { configurationFiles } from '../../settings/load.js';
import { KdeployError } from '../../../errors.js';
import { createFile, replaceFile } from '../../../guarded-file.js';
import { environmentNames } from '../../../project/kedro/loader-settings.js';
import { templatePath } from '../../../template-files.js';
import { pipelineFacts, type FactsOptions, type PipelineFacts } from './facts.js';
import { fillTemplate } from './fill-template.js';
import type { CiService } from './service.js';
import type { CiServiceName } from './service-names.js';
import { CI_SERVICES } from './services.js';
import { repositoryFiles } from './repository-files.js';

export interface PipelineOptions extends FactsOptions {
  readonly platform: CiServiceName;
  /** Replaces a pipeline file that is there already. */
  readonly force: boolean;
}

export interface InitialisedWithPipeline extends Omit<Initialised, 'file'> {
  /** Relative to the project; `null` where a kdeploy.yml was there already, and was kept. */
  readonly file: string | null;
  readonly pipeline: {
    readonly platform: CiServiceName;
    /** Relative to the root of the git repository: `.github/workflows/kdeploy.yml`. */
    readonly file: string;
    readonly replaced: boolean;
  };
}

/** A pipeline that can be written: everything that could be refused has been looked at. */
export interface PlannedPipeline {
  readonly platform: CiServiceName;
  /** Absolute, the repository's root. */
  readonly repositoryRoot: string;
  /** Relative to the repository's root: `.github/workflows/kdeploy.yml`. */
  readonly file: string;
  readonly replaces: boolean;
  readonly text: string;
  readonly nextSteps: readonly NextStep[];
}

/**
 * Writes the pipeline, and the project's kdeploy.yml where there is none. What can be refused is refused before anything
 * is written. Throws what `planPipeline` throws, and KdeployError `usage` for an image that kdeploy.yml would overrule.
 */
export async function initialiseWithPipeline(options: PipelineOptions): Promise<InitialisedWithPipeline> {
  const { project, image, platform, env } = options;
  const existing = await existingConfiguration(options);
  if (existing !== undefined && image !== undefined) {
    throw new KdeployError('usage', `${existing} already exists, and its image.name applies`, {
      hint: `set image.name there, and omit --image: kdeploy init --ci ${platform}`,
    });
  }
  const planned = await planPipeline(options);
  const configuration = existing === undefined ? await initialiseProject({ project, image, env }) : undefined;
  await writePipeline(planned);
  return {
    file: configuration?.file ?? null,
    replaced: false,
    takenOverFrom: configuration?.takenOverFrom ?? null,
    migratedKeys: configuration?.migratedKeys ?? [],
    warnings: configuration?.warnings ?? [],
    nextSteps: withoutRepeated([...(configuration?.nextSteps ?? []), ...planned.nextSteps]),
    pipeline: { platform, file: planned.file, replaced: planned.replaces },
  };
}

/** Both may ask for an mlflow.yml; the command for it works once. */
function withoutRepeated(steps: readonly NextStep[]): NextStep[] {
  const made = (step: NextStep | undefined): string | undefined => /kedro mlflow init.*/.exec(step?.command ?? '')?.[0];
  return steps.map((step, index) =>
    made(step) !== undefined && steps.slice(0, index).some((earlier) => made(earlier) === made(step))
      ? { text: step.text }
      : step,
  );
}

async function existingConfiguration({ project }: PipelineOptions): Promise<string | undefined> {
  const { confSource, baseEnvironment } = await environmentNames(project);
  for (const file of configurationFiles(`${confSource}/${baseEnvironment}`)) {
    if ((await project.source.read(file)) !== undefined) return file;
  }
  return undefined;
}

/**
 * Makes the pipeline of a project, and writes nothing. Throws KdeployError `usage` where the file exists (unless `force`),
 * where a link leads it out of the repository, and for what `pipelineFacts` refuses.
 */
export async function planPipeline(options: PipelineOptions): Promise<PlannedPipeline> {
  const service = CI_SERVICES[options.platform];
  const facts = await pipelineFacts(options);
  if (!service.registries.includes(facts.registry.kind)) throw unsuitable(service, facts);
  const files = repositoryFiles(facts.repositoryRoot);
  const place = await service.place(facts, files);
  const exists = await files.exists(place.file);
  if (exists && !options.force) throw alreadyThere(place.file, options.platform);
  const template = await readFile(templatePath(service.template), 'utf8');
  return {
    platform: options.platform,
    repositoryRoot: facts.repositoryRoot,
    file: place.file,
    replaces: exists,
    text: fillTemplate(template, service.parts(facts, place)),
    nextSteps: [
      ...projectSteps(facts),
      ...installationSteps(facts, options.platform, place.file),
      ...service.nextSteps(facts, place),
      ...lastSteps(service, place.file),
    ],
  };
}

/** Writes it, whole or not at all. */
export async function writePipeline(pipeline: PlannedPipeline): Promise<void> {
  const { repositoryRoot, file, text, replaces, platform } = pipeline;
  if (replaces) await replaceFile(repositoryRoot, file, text);
  else if (!(await createFile(repositoryRoot, file, text))) throw alreadyThere(file, platform);
}

/** What a clone of the repository lacks. */
function projectSteps({ env, tracked, builder, hasDockerfile, baseImageUnsaid }: PipelineFacts): NextStep[] {
  const steps: NextStep[] = [];
  if (!tracked) {
    steps.push(
      env === 'local'
        ? {
            text: 'conf/local is not in git, so CI does not know the MLflow server: set mlflow.tracking_uri in conf/base/kdeploy.yml, or commit an mlflow.yml for another environment (kedro mlflow init --env production) and create the pipeline for it (--env production --force)',
          }
        : {
            text: `set the MLflow server in conf/${env}/mlflow.yml, and commit it: CI sees only what is in git`,
            // It refuses a folder that does not exist.
            command: `mkdir -p conf/${env} && kedro mlflow init --env ${env}`,
          },
    );
  }
  if (!hasDockerfile && builder === 'engine') {
    steps.push({
      text: 'create the Dockerfile, review it, and commit it: CI builds from it',
      command: 'kedro docker init',
    });
  }
  if (baseImageUnsaid !== undefined) {
    const otherwise =
      builder === 'layers'
        ? 'CI has no Python of the project to choose it by'
        : `otherwise CI uses the Dockerfile's own default, ${baseImageUnsaid}`;
    steps.push({ text: `set image.base in conf/base/kdeploy.yml, for example to python:3.11-slim: ${otherwise}` });
  }
  return steps;
}

/** As long as any other file under this name could come from anybody. */
function installationSteps({ kdeployPackage }: PipelineFacts, platform: CiServiceName, file: string): NextStep[] {
  if (kdeployPackage !== undefined) return [];
  return [
    {
      text: `set KDEPLOY_PACKAGE in ${file}: kdeploy is not on PyPI yet, and the name is not reserved. Commit a wheel of it, for example, and name its path`,
      command: `kdeploy init --ci ${platform} --force --kdeploy-package tools/kdeploy-VERSION-py3-none-any.whl`,
    },
  ];
}

function lastSteps(service: CiService, file: string): NextStep[] {
  return [{ text: `review ${file}, commit it and push: ${service.title} does the rest` }];
}

function unsuitable(service: CiService, { registry }: PipelineFacts): KdeployError {
  return new KdeployError(
    'usage',
    `${service.title} can log in to ${registry.host} only with a password that expires`,
    {
      hint: 'push to another registry, or use --ci github or --ci gitlab, which log in without a password',
    },
  );
}

function alreadyThere(file: string, platform: CiServiceName): KdeployError {
  return new KdeployError('usage', `${file} already exists, so it was kept`, {
    hint: `edit it, or overwrite it with: kdeploy init --ci ${platform} --force`,
  });
}
