import type { Rule } from './rule.js';
import { artifactLocationUsable } from './rules/artifact-location-usable.js';
import { dagCurrent } from './rules/dag-current.js';
import { catalogDatasetsAvailable } from './rules/catalog-datasets-available.js';
import { databricksAuthenticated } from './rules/databricks-authenticated.js';
import { experimentNameValid } from './rules/experiment-name-valid.js';
import { pipelineTracked } from './rules/pipeline-tracked.js';
import { authenticationValid } from './rules/authentication-valid.js';
import { buildContextHasNoCredentials } from './rules/build-context-has-no-credentials.js';
import { buildContextHasNoGitRepository } from './rules/build-context-has-no-git-repository.js';
import { buildContextHasProject } from './rules/build-context-has-project.js';
import { dockerfileEnvironmentAgrees } from './rules/dockerfile-environment-agrees.js';
import { dockerfileHasNoCredentials } from './rules/dockerfile-has-no-credentials.js';
import { dockerfileReadable } from './rules/dockerfile-readable.js';
import { dockerfileUser } from './rules/dockerfile-user.js';
import { entrypointPassesCommandOn } from './rules/entrypoint-passes-command-on.js';
import { kdeployNotInImage } from './rules/kdeploy-not-in-image.js';
import { kedroDatasetsDeclared } from './rules/kedro-datasets-declared.js';
import { kedroMlflowInstalledByDockerfile } from './rules/kedro-mlflow-installed-by-dockerfile.js';
import { kedroMlflowRequired } from './rules/kedro-mlflow-required.js';
import { kedroProject } from './rules/kedro-project.js';
import { mlflowConfigExists } from './rules/mlflow-config-exists.js';
import { mlflowConfigHasNoCredentials } from './rules/mlflow-config-has-no-credentials.js';
import { mlflowConfigValid } from './rules/mlflow-config-valid.js';
import { pythonVersionAllowed } from './rules/python-version-allowed.js';
import { requirementsInNotCompiled } from './rules/requirements-in-not-compiled.js';
import { requirementsReadable } from './rules/requirements-readable.js';
import { trackingUriHasNoCredentials } from './rules/tracking-uri-has-no-credentials.js';
import { trackingUriUsable } from './rules/tracking-uri-usable.js';
import { versionsCompatible } from './rules/versions-compatible.js';
import { workingDirectoryHasProject } from './rules/working-directory-has-project.js';

/**
 * Every rule, in the order in which findings of equal severity are shown: from the project towards the server.
 * To add one: a file in rules/ named after its id, a line here and in rule-ids.ts, and its page in docs/checks/. One defect
 * should give one finding, so see which rules already report what yours looks at.
 */
export const RULES: readonly Rule[] = [
  kedroProject,
  dockerfileReadable,
  buildContextHasProject,
  workingDirectoryHasProject,
  dockerfileUser,
  entrypointPassesCommandOn,
  dockerfileEnvironmentAgrees,
  pythonVersionAllowed,
  requirementsReadable,
  kedroMlflowRequired,
  requirementsInNotCompiled,
  kedroMlflowInstalledByDockerfile,
  kdeployNotInImage,
  kedroDatasetsDeclared,
  versionsCompatible,
  mlflowConfigExists,
  mlflowConfigValid,
  trackingUriUsable,
  trackingUriHasNoCredentials,
  mlflowConfigHasNoCredentials,
  authenticationValid,
  databricksAuthenticated,
  experimentNameValid,
  artifactLocationUsable,
  pipelineTracked,
  catalogDatasetsAvailable,
  dagCurrent,
  dockerfileHasNoCredentials,
  buildContextHasNoCredentials,
  buildContextHasNoGitRepository,
];

/** Those about what a bake puts into an image that is built already: where it logs, and how it authenticates. */
export const BAKE_RULES: readonly Rule[] = [
  kedroProject,
  mlflowConfigExists,
  mlflowConfigValid,
  trackingUriUsable,
  trackingUriHasNoCredentials,
  mlflowConfigHasNoCredentials,
  authenticationValid,
  databricksAuthenticated,
  experimentNameValid,
  artifactLocationUsable,
];
