import { KdeployError, messageOf } from '../../errors.js';
import { templatePath } from '../../template-files.js';
import type { KedroCommand } from '../kedro/kedro-command.js';
import { classifyTrackingUri } from './tracking-uri.js';
import { redactAddresses } from '../../secrets/address.js';
import { parseYaml } from '../yaml.js';

export interface MlflowTemplateOptions {
  readonly packageName: string;
  readonly findKedro: () => Promise<KedroCommand>;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Filled in as server.mlflow_tracking_uri; without it the file has null there, as kedro-mlflow leaves it. */
  readonly trackingUri?: string | undefined;
}

const TIMEOUT_MILLISECONDS = 60_000;

/**
 * The mlflow.yml that `kedro mlflow init` of the project's own environment would write, without the seconds that takes.
 * Throws KdeployError `tool-missing` without kedro or kedro-mlflow, `configuration` for a URI that must not be written.
 */
export async function mlflowTemplate(options: MlflowTemplateOptions): Promise<string> {
  const { packageName, environment, trackingUri } = options;
  if (trackingUri !== undefined) refuseCredentials(trackingUri);
  const { kedro, python } = await options.findKedro();
  if (python === undefined) throw unavailable(`the Python of ${kedro} was not found`);
  const { execa } = await import('execa');
  const { stdout, timedOut, shortMessage } = await execa(
    python,
    [templatePath('host/render_mlflow_template.py'), packageName],
    { env: { ...environment }, extendEnv: false, stdin: 'ignore', reject: false, timeout: TIMEOUT_MILLISECONDS },
  );
  if (timedOut) throw unavailable(`${python} did not respond`);
  const answer = lastLineAsJson(stdout);
  if (typeof answer.text !== 'string') {
    throw unavailable(
      typeof answer.message === 'string' ? answer.message : (shortMessage ?? 'it printed nothing readable'),
    );
  }
  return trackingUri === undefined ? answer.text : withTrackingUri(answer.text, trackingUri);
}

function unavailable(reason: string): KdeployError {
  return new KdeployError(
    'tool-missing',
    `kedro-mlflow's template for mlflow.yml is not available: ${redactAddresses(reason)}`,
    {
      hint: "install kedro-mlflow in the project's environment, or pass that environment's kedro with --kedro",
    },
  );
}

function lastLineAsJson(stdout: string): { readonly text?: unknown; readonly message?: unknown } {
  try {
    return JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '') as { text?: unknown; message?: unknown };
  } catch (error) {
    return { message: `its output is not readable (${messageOf(error)})` };
  }
}

/** The text with the address in it, comments and all. Throws KdeployError `configuration` where there is no place for it. */
export async function withTrackingUri(text: string, trackingUri: string): Promise<string> {
  const filled = text.replace(
    /^(\s*mlflow_tracking_uri:[ \t]*)(?:null|~)?(?=[ \t]*(?:#|\r?$))/m,
    (_line, key: string) => `${key}${JSON.stringify(trackingUri)}`,
  );
  const { value } = await parseYaml(Buffer.from(filled), 'mlflow.yml');
  const server = typeof value === 'object' && value !== null && 'server' in value ? value.server : undefined;
  const written =
    typeof server === 'object' && server !== null && 'mlflow_tracking_uri' in server
      ? server.mlflow_tracking_uri
      : undefined;
  if (written === trackingUri) return filled;
  throw new KdeployError(
    'configuration',
    'the template of the installed kedro-mlflow has no key for the tracking URI',
    {
      hint: 'run kedro mlflow init, and set server.mlflow_tracking_uri by hand',
    },
  );
}

/** The file would be the next place where the password can be read. */
function refuseCredentials(uri: string): void {
  if (classifyTrackingUri(uri).credentials === 'none') return;
  throw new KdeployError(
    'configuration',
    'the tracking URI contains a user name or password, which kdeploy does not write to a file',
    {
      hint: 'pass the URI without them, and pass them to the container as MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD',
    },
  );
}
