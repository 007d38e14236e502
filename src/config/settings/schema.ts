import * as z from 'zod/mini';
import { CONFIGURABLE_IDS, type ConfigurableId } from '../../rule-ids.js';
import { AIRFLOW_FIELDS, variable } from './airflow/airflow-schema.js';
import { DAG_FIELDS } from './airflow/dag-schema.js';
import { field, text } from './fields.js';
import { BUILDERS, CHECK_LEVELS, DEFAULT_SETTINGS } from './settings.js';

/*
 * The shape of kdeploy.yml: types and descriptions, from which the JSON Schema for editors is written as well.
 * It describes the normalised form (see normalise.ts); defaults are stated here for editors and filled in by load.ts,
 * so that a project without any configuration does not pay for loading zod (zod/mini: 40-48 ms, zod: 52-54 ms).
 */

const identifier = () => z.int().check(z.nonnegative(), z.maximum(2 ** 32 - 2));
const { image, build, mlflow, hook } = DEFAULT_SETTINGS;

const layerFields = {
  budget: field(
    z.int().check(z.minimum(10), z.maximum(120)),
    'How many layers the image should have, its base included; some container runtimes stop at 56, all at 127',
    { default: image.layers.budget },
  ),
  gzip: field(
    z.enum(['members', 'single']),
    'members: reuse the compressed files of the wheels; single: compress again, for tools that read only the first ' +
      'gzip member of a layer',
    { default: image.layers.gzip },
  ),
};

const imageFields = {
  name: field(text(), 'The image name, with its registry and without a tag', {
    examples: ['europe-docker.pkg.dev/acme/ml/spaceflights'],
  }),
  tags: field(
    z.array(text()).check(z.minLength(1)),
    'One tag or a list; {git.sha}, {git.branch}, {version} and {env} are filled in at build time',
    { default: image.tags, examples: [['{git.sha}', 'latest']] },
  ),
  base: field(text(), 'The base image of the build; empty: the default of the Dockerfile or of kedro docker', {
    examples: ['python:3.11-slim'],
  }),
  builder: field(
    z.enum(BUILDERS),
    'kedro: run `kedro docker build`; engine: build the same Dockerfile without starting kedro; layers: build without ' +
      'Docker; empty: layers where no Docker engine answers and the project has no Dockerfile of its own, else kedro',
  ),
  platform: field(text(), 'The platform of the cluster, as os/architecture', {
    default: image.platform,
    examples: ['linux/amd64', 'linux/arm64'],
  }),
  dockerfile: field(text(), 'The Dockerfile, relative to the project', { default: image.dockerfile }),
  bytecode: field(
    z.boolean(),
    'Builder layers: compile the bytecode of the packages into the image, so that containers start faster',
    { default: image.bytecode },
  ),
  layers: field(z.strictObject(layerFields), 'How the builder layers divides the image'),
  sbom: field(
    z.boolean(),
    'Whether the list of its packages (SBOM, CycloneDX) and its provenance (SLSA) are attached to the image in the registry; only for the builder layers',
    { default: image.sbom },
  ),
};

const secret = z.strictObject({
  id: text().check(z.meta({ description: 'The id in the Dockerfile: RUN --mount=type=secret,id=…' })),
  env: z
    .optional(text())
    .check(z.meta({ description: 'The environment variable that contains the value at build time' })),
  file: z.optional(text()).check(z.meta({ description: 'The file that contains the value at build time' })),
});

const buildFields = {
  uid: field(identifier(), 'The user ID of the process in the container (KEDRO_UID)'),
  gid: field(identifier(), 'The group ID of the process in the container (KEDRO_GID)'),
  args: field(
    z.record(z.string(), z.nullable(z.string())),
    'Build arguments (docker build --build-arg); without a value: the environment variable of the same name. ' +
      "Not for passwords: build arguments stay in the image's history",
    { default: build.args },
  ),
  secrets: field(z.array(secret), 'Build secrets (docker build --secret): an id, and either env or file', {
    default: build.secrets,
  }),
};

const mlflowFields = {
  enabled: field(
    z.literal([true, false, 'auto']),
    'true: a missing MLflow setup is an error; auto: build without tracking, with a note; false: no tracking',
    { default: mlflow.enabled },
  ),
  tracking_uri: field(
    text(),
    'The MLflow server as the container reaches it; empty: the one in conf/<env>/mlflow.yml',
    {
      examples: ['https://mlflow.example.com'],
    },
  ),
  on_unreachable: field(
    z.enum(['fail', 'warn']),
    'If MLflow does not answer when the container starts: fail stops the task, warn runs it untracked',
    { default: mlflow.onUnreachable },
  ),
};

const audience = field(
  text(),
  'The audience of the ID token (OAuth client ID); empty: GOOGLE_AUDIENCE in the container',
);
const header = field(
  z.enum(['Authorization', 'Proxy-Authorization']),
  'The header that carries the token; Proxy-Authorization for IAP in front of an MLflow that authenticates users itself',
  { default: 'Authorization' },
);

export const AUTHENTICATION_FIELDS = {
  GoogleOAuth2: { type: z.literal('GoogleOAuth2'), audience, header },
  Vars: {
    type: z.literal('Vars'),
    params: z
      .array(variable)
      .check(
        z.meta({ description: 'Names of environment variables, such as MLFLOW_TRACKING_TOKEN; never their values' }),
      ),
  },
  OIDC: {
    type: z.literal('OIDC'),
    issuer: z
      .string()
      .check(
        z.minLength(1),
        z.meta({ description: 'The URL of the OpenID provider', examples: ['https://id.example.com/realms/ml'] }),
      ),
    client_id: z.string().check(z.minLength(1), z.meta({ description: 'The client ID of the container' })),
    client_secret_variable: field(
      text(),
      'The environment variable that contains the client secret; or use client_secret_file',
    ),
    client_secret_file: field(text(), 'The mounted file that contains the client secret'),
    scope: field(text(), 'The scopes to request, separated by spaces'),
    audience: field(text(), 'The audience of the token, if the provider requires one'),
    header,
  },
  TokenFile: {
    type: z.literal('TokenFile'),
    path: z
      .string()
      .check(
        z.minLength(1),
        z.meta({ description: 'The path of the token in the container', examples: ['/var/run/secrets/tokens/mlflow'] }),
      ),
    header,
  },
};

const authentication = z.discriminatedUnion('type', [
  z.strictObject(AUTHENTICATION_FIELDS.GoogleOAuth2),
  z.strictObject(AUTHENTICATION_FIELDS.Vars),
  z.strictObject(AUTHENTICATION_FIELDS.OIDC),
  z.strictObject(AUTHENTICATION_FIELDS.TokenFile),
]);

const runFields = {
  experiment_name: field(text(), 'The MLflow experiment; empty: the one in mlflow.yml'),
  run_name: field(text(), 'The name of the MLflow run', { examples: ['spaceflights-{dag.run_id}'] }),
  authentication: field(
    z.array(authentication),
    'How the container authenticates to MLflow: one type or a list of them',
  ),
  ...AIRFLOW_FIELDS,
};

const level = field(
  z.enum(CHECK_LEVELS),
  'off: disabled; error, warning or info: the severity of its findings; on: the default severity',
);
const checkFields = Object.fromEntries(CONFIGURABLE_IDS.map((id) => [id, level])) as Record<
  ConfigurableId,
  typeof level
>;
const hookFields = {
  online: field(
    z.boolean(),
    'Whether the git pre-push hook also asks the MLflow server, as `kdeploy check --online` does',
    { default: hook.online },
  ),
};

/** The known keys of each section, for "did you mean". */
export const SECTION_FIELDS = {
  image: imageFields,
  build: buildFields,
  mlflow: mlflowFields,
  run_config: runFields,
  dag: DAG_FIELDS,
  checks: checkFields,
  hook: hookFields,
};

export const configurationSchema = z.strictObject({
  image: field(z.strictObject(imageFields), 'The image that is built'),
  build: field(z.strictObject(buildFields), 'How it is built'),
  mlflow: field(z.strictObject(mlflowFields), 'Where runs are tracked'),
  run_config: field(z.strictObject(runFields), 'How the pipeline runs, and how Airflow runs it'),
  dag: field(z.strictObject(DAG_FIELDS), 'The files that `kdeploy dag` writes'),
  checks: field(z.strictObject(checkFields), 'Checks to disable, or whose severity to change'),
  hook: field(z.strictObject(hookFields), 'What the git pre-push hook does'),
});

/** kdeploy.yml once it has been normalised and found valid. */
export type Configuration = z.infer<typeof configurationSchema>;
