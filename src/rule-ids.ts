/**
 * The names of all rules, in the order of rules.ts. A file of its own, so that kdeploy.yml's schema can name the rules
 * without loading them.
 */
export const RULE_IDS = [
  'kedro-project',
  'dockerfile-readable',
  'build-context-has-project',
  'working-directory-has-project',
  'dockerfile-user',
  'entrypoint-passes-command-on',
  'dockerfile-environment-agrees',
  'python-version-allowed',
  'requirements-readable',
  'kedro-mlflow-required',
  'requirements-in-not-compiled',
  'kedro-mlflow-installed-by-dockerfile',
  'kdeploy-not-in-image',
  'kedro-datasets-declared',
  'versions-compatible',
  'mlflow-config-exists',
  'mlflow-config-valid',
  'tracking-uri-usable',
  'tracking-uri-has-no-credentials',
  'mlflow-config-has-no-credentials',
  'authentication-valid',
  'databricks-authenticated',
  'experiment-name-valid',
  'artifact-location-usable',
  'pipeline-tracked',
  'catalog-datasets-available',
  'dag-current',
  'dockerfile-has-no-credentials',
  'build-context-has-no-credentials',
  'build-context-has-no-git-repository',
] as const;

export type RuleId = (typeof RULE_IDS)[number];

/** What `checks:` in kdeploy.yml may name: every rule, and the questions that --online asks. */
export const CONFIGURABLE_IDS = [...RULE_IDS, 'mlflow-online'] as const;

/** What a finding can be called, and so what has a page in docs/checks. */
export const EXPLAINED_IDS = [...CONFIGURABLE_IDS, 'tracking-set-up', 'image-has-no-credentials'] as const;

export type ConfigurableId = (typeof CONFIGURABLE_IDS)[number];
