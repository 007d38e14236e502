import { readFile } from 'node:fs/promises';

import type { PipelineFacts } from '../../src/config/init/ci/facts.js';
import { fillTemplate } from '../../src/config/init/ci/fill-template.js';
import type { PipelinePlace } from '../../src/config/init/ci/service.js';
import { CI_SERVICE_NAMES, type CiServiceName } from '../../src/config/init/ci/service-names.js';
import { CI_SERVICES } from '../../src/config/init/ci/services.js';
import { registryOf } from '../../src/config/init/ci/registry.js';
import { parseReference } from '../../src/image/reference.js';
import { templatePath } from '../../src/template-files.js';

/** What is known of a project that is the whole of its repository and needs nothing special. */
export function pipelineFacts(
  image = 'registry.example.com/team/flights',
  different: Partial<PipelineFacts> = {},
): PipelineFacts {
  const reference = parseReference(image);
  return {
    repositoryRoot: '/nowhere',
    folder: '',
    slug: 'flights',
    defaultBranch: 'main',
    remote: { host: 'github.com', path: 'acme/flights' },
    env: 'production',
    image: reference,
    registry: registryOf(reference),
    platform: 'linux/amd64',
    baseImage: undefined,
    baseImageUnsaid: undefined,
    builder: 'engine',
    python: '3.13',
    hasDockerfile: true,
    ownerSaid: false,
    kedro: undefined,
    variables: [],
    tracked: true,
    kdeployPackage: 'kdeploy==1.2.3',
    ...different,
  };
}

export interface RenderedPipeline {
  readonly name: string;
  readonly place: PipelinePlace;
  readonly text: string;
}

/** The file that a platform has for these facts, in a repository that has the given files. */
export async function renderPipeline(
  platform: CiServiceName,
  facts: PipelineFacts,
  files: Readonly<Record<string, string>> = {},
): Promise<RenderedPipeline> {
  const chosen = CI_SERVICES[platform];
  const where = await chosen.place(facts, { read: (path) => Promise.resolve(files[path]) });
  const text = fillTemplate(await readFile(templatePath(chosen.template), 'utf8'), chosen.parts(facts, where));
  return { name: platform, place: where, text };
}

/** One image for each way of logging in. */
export const IMAGES: Readonly<Record<string, string>> = {
  'Artifact Registry': 'europe-west1-docker.pkg.dev/acme/ml/flights',
  'gcr.io': 'eu.gcr.io/acme/flights',
  'Amazon ECR': '123456789012.dkr.ecr.eu-west-1.amazonaws.com/ml/flights',
  'Amazon ECR Public': 'public.ecr.aws/acme/flights',
  'Azure Container Registry': 'acme.azurecr.io/flights',
  'ghcr.io': 'ghcr.io/acme/flights',
  'Docker Hub': 'docker.io/acme/flights',
  GitLab: 'registry.gitlab.com/acme/flights',
  'another registry': 'registry.example.com:5000/team/flights',
};

/** What else changes the file. */
export const SHAPES: Readonly<Record<string, Partial<PipelineFacts>>> = {
  'a repository of its own': {},
  'an image that needs no Dockerfile': { builder: 'layers', baseImage: 'python:3.11-slim', python: '3.11' },
  'a kdeploy that is still to be named': { builder: 'layers', kdeployPackage: undefined },
  'a folder of a larger repository': { folder: 'pipelines/churn' },
  'a folder with spaces, brackets and a quote': { folder: "my pipelines/it's [new] ü" },
  'all that a project may need': {
    folder: 'on',
    defaultBranch: 'release/1.x+',
    env: 'on',
    platform: 'linux/arm64',
    baseImage: 'python:3.12-slim',
    ownerSaid: true,
    kedro: { python: '3.10', requirements: 'src/requirements.txt' },
    variables: ['PIP_INDEX_URL', 'TOKEN_2'],
  },
};

/** Every platform, registry and shape that go together. */
export async function allPipelines(): Promise<(RenderedPipeline & { readonly platform: CiServiceName })[]> {
  const all = CI_SERVICE_NAMES.flatMap((platform) =>
    Object.entries(IMAGES).flatMap(([registry, image]) =>
      Object.entries(SHAPES).map(async ([shape, different]) => {
        const facts = pipelineFacts(image, different);
        if (!CI_SERVICES[platform].registries.includes(facts.registry.kind)) return [];
        return [{ ...(await renderPipeline(platform, facts)), platform, name: `${platform}, ${registry}, ${shape}` }];
      }),
    ),
  );
  return (await Promise.all(all)).flat();
}
