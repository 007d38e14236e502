import type { Settings } from '../config/settings.js';
import { KdeployError, messageOf } from '../errors.js';
import type { Project } from '../project/project.js';
import type { KedroConfig, TrackingConfig } from '../project/tracking-config.js';
import type { Tracking } from '../project/tracking.js';
import { redactUri } from '../project/tracking-uri.js';
import { checkContext, type CheckContext } from './context.js';
import type { Finding, Severity } from './finding.js';
import { missingSetUp } from './missing-set-up.js';
import type { Rule } from './rule.js';
import { RULES } from './rules.js';

export interface CheckOptions {
  readonly project: Project;
  readonly settings: Settings;
  /** The Kedro environment; `undefined`: the project's default. */
  readonly env?: string | undefined;
  /** For MLFLOW_TRACKING_URI. */
  readonly processEnvironment?: Readonly<Record<string, string | undefined>>;
  /** `--kedro`, for configuration that only the project's Kedro can read. */
  readonly kedro?: string | undefined;
  /** Instead of asking the project's Kedro. */
  readonly resolveWithKedro?: (reason: string) => Promise<KedroConfig>;
  readonly rules?: readonly Rule[];
}

export interface CheckReport {
  /** Errors first, then warnings, then infos; among equals in the order of the rules. */
  readonly findings: readonly Finding[];
  /** The ids of the rules that ran. */
  readonly rules: readonly string[];
  /** `undefined` when it could not be read, or when tracking is off. */
  readonly trackingConfig: TrackingConfig | undefined;
  /** Where the image will log; `undefined`: it is to be built without tracking. */
  readonly tracking: Tracking | undefined;
}

/** Runs every rule that applies. Reads the project; asks no server, changes nothing. */
export async function checkProject(options: CheckOptions): Promise<CheckReport> {
  const context = contextOf(options);
  const { enabled } = options.settings.mlflow;
  const missing = enabled === 'auto' ? await missingSetUp(context) : undefined;
  const isTracked = enabled !== false && missing === undefined;

  const rules = (options.rules ?? RULES).filter(({ group }) => isTracked || group !== 'tracking');
  const found = await Promise.all(rules.map((rule) => run(rule, context)));
  const findings = [...(missing === undefined ? [] : [withoutTracking(missing)]), ...found.flat()];
  return {
    findings: findings.toSorted((a, b) => RANK[a.severity] - RANK[b.severity]),
    rules: rules.map(({ id }) => id),
    trackingConfig: isTracked ? (await context.trackingConfig()).value : undefined,
    tracking: isTracked ? await context.tracking() : undefined,
  };
}

const RANK: Readonly<Record<Severity, number>> = { error: 0, warning: 1, info: 2 };

function contextOf(options: CheckOptions): CheckContext {
  const { project, settings, env, kedro, processEnvironment = process.env } = options;
  const resolveWithKedro = options.resolveWithKedro ?? askKedro;
  return checkContext({ project, settings, env, processEnvironment, resolveWithKedro });

  async function askKedro(reason: string): Promise<KedroConfig> {
    const [{ readConfigWithKedro }, { findKedro }] = await Promise.all([
      import('../project/kedro-config.js'),
      import('../project/kedro-command.js'),
    ]);
    return readConfigWithKedro(reason, {
      projectRoot: project.root,
      env,
      environment: processEnvironment,
      findKedro: () => findKedro({ projectRoot: project.root, given: kedro, environment: processEnvironment }),
    });
  }
}

/** A check that cannot run must not pass for one that found nothing. */
async function run(rule: Rule, context: CheckContext): Promise<Finding[]> {
  try {
    return (await rule.check(context)).map((finding) => ({ rule: rule.id, ...finding }));
  } catch (error) {
    const place = error instanceof KdeployError ? error.place : undefined;
    const hint = error instanceof KdeployError ? error.hint : undefined;
    return [
      {
        rule: rule.id,
        severity: 'error',
        message: `the check ${rule.id} could not run: ${redactUri(messageOf(error))}`,
        remedy: hint ?? 'run kdeploy check --verbose, and report this with its output',
        ...(place === undefined ? {} : { place }),
      },
    ];
  }
}

function withoutTracking(missing: string): Finding {
  return {
    rule: 'tracking-set-up',
    severity: 'info',
    message: `the image builds without tracking, because ${missing}`,
    remedy: 'set mlflow.enabled: true in kdeploy.yml to make this an error, or false to say that it is meant',
  };
}
