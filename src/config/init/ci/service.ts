import type { NextStep } from '../initialise-project.js';
import type { PipelineFacts } from './facts.js';
import type { TemplateParts } from './fill-template.js';
import type { RegistryKind } from './registry.js';

/** A CI service: one file each, listed in services.ts. */
export interface CiService {
  /** What `--ci` takes. */
  readonly name: string;
  /** As its makers write it. */
  readonly title: string;
  /** In templates/. */
  readonly template: string;
  /** The registries that a pipeline there can log in to. */
  readonly registries: readonly RegistryKind[];
  /** Where the pipeline goes. */
  place(facts: PipelineFacts, repository: RepositoryFiles): Promise<PipelinePlace>;
  parts(facts: PipelineFacts, place: PipelinePlace): TemplateParts;
  /** What is left to do at the CI service and the registry, in order. */
  nextSteps(facts: PipelineFacts, place: PipelinePlace): NextStep[];
}

export interface PipelinePlace {
  /** Relative to the repository's root, with forward slashes: `.github/workflows/kdeploy.yml`. */
  readonly file: string;
  /** GitLab's: the file that must include this one, and the stage that exists there. */
  readonly includedBy?: { readonly file: string; readonly stage: string };
}

/** Files of the repository, by their paths from its root. */
export interface RepositoryFiles {
  read(path: string): Promise<string | undefined>;
}

/** In the first line of each file, so that our own can be recognised. */
export const MARK = 'Written by kdeploy init --ci';
