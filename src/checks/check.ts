import type { CheckSettings, Settings } from '../config/settings/settings.js';
import { messageOf } from '../errors.js';
import type { TrackingConfig } from '../project/tracking/tracking-config.js';
import { experimentOptionsOf } from '../project/tracking/experiment-options.js';
import type { Tracking } from '../project/tracking/tracking.js';
import type { ProjectModel } from '../project/model.js';
import { redactAddresses } from '../secrets/address.js';
import { knownError } from '../system-error.js';
import type { CheckContext } from './context.js';
import { bySeverity, type Finding } from '../finding.js';
import { gradedSeverity, levelOf } from './grading.js';
import { certainlyLacks } from './installed-packages.js';
import { missingSetUp } from './missing-set-up.js';
import type { OnlineCheckOptions } from './online.js';
import type { Rule } from './rule.js';
import { RULES } from './rules.js';

export interface CheckOptions {
  readonly model: ProjectModel;
  readonly settings: Settings;
  readonly rules?: readonly Rule[];
  /** Asks the MLflow server as well, once the rules have told which. */
  readonly online?: OnlineQuestion | undefined;
}

export type OnlineQuestion = Pick<OnlineCheckOptions, 'environment' | 'fetch'>;

export interface CheckReport {
  /** Errors first, then warnings, then infos; among equals in the order of the rules. */
  readonly findings: readonly Finding[];
  /** The ids of the checks that ran. */
  readonly rules: readonly string[];
  /** Those that would have run, and are switched off in kdeploy.yml. */
  readonly off: readonly string[];
  /** `undefined` when it could not be read, or when tracking is off. */
  readonly trackingConfig: TrackingConfig | undefined;
  /** Where the image will log; `undefined`: it is to be built without tracking. */
  readonly tracking: Tracking | undefined;
}

/** Runs every rule that applies. Reads the project and changes nothing; asks no server, unless `online` says so. */
export async function checkProject(options: CheckOptions): Promise<CheckReport> {
  const context: CheckContext = { ...options.model, settings: options.settings };
  const { enabled } = options.settings.mlflow;
  const missing = enabled === 'auto' ? await missingSetUp(context) : undefined;
  const isTracked = enabled !== false && missing === undefined;

  const { checks } = options.settings;
  const isOff = (id: string) => levelOf(checks, id) === 'off';
  const candidates = (options.rules ?? RULES).filter(({ group }) => isTracked || group !== 'tracking');
  const rules = candidates.filter(({ id }) => !isOff(id));
  const found = await Promise.all(rules.map((rule) => run(rule, context)));
  const tracking = isTracked ? await context.tracking() : undefined;

  const asked = options.online === undefined ? [] : [ONLINE];
  const online =
    options.online === undefined || isOff(ONLINE) ? [] : await askServer(options.online, tracking, context);
  const findings = [...(missing === undefined ? [] : [withoutTracking(missing)]), ...found.flat(), ...online];
  return {
    findings: bySeverity(findings),
    rules: [...rules.map(({ id }) => id), ...asked.filter((id) => !isOff(id))],
    off: [...candidates.map(({ id }) => id), ...asked].filter(isOff),
    trackingConfig: isTracked ? (await context.trackingConfig()).value : undefined,
    tracking,
  };
}

const ONLINE = 'mlflow-online';

async function askServer(
  question: OnlineQuestion,
  tracking: Tracking | undefined,
  context: CheckContext,
): Promise<Finding[]> {
  // Loaded here: most checks ask nobody.
  const { checkOnline } = await import('./online.js');
  const { runConfig, checks } = context.settings;
  const findings = await checkOnline({
    ...question,
    tracking,
    authentication: runConfig.authentication,
    imageVariables: (await context.dockerfile()).value?.environment ?? [],
    options: experimentOptionsOf((await context.trackingConfig()).value?.document),
    lacks: await lackingIn(context),
  });
  return findings.map((finding) => graded(finding, checks));
}

async function lackingIn(context: CheckContext): Promise<(packageName: string) => boolean> {
  const requirements = await context.requirements();
  return (name) => certainlyLacks(requirements, name);
}

function graded(finding: Finding, checks: CheckSettings): Finding {
  return { ...finding, severity: gradedSeverity(finding.severity, levelOf(checks, finding.rule)) };
}

/** A check that cannot run must not pass for one that found nothing, whatever severity its findings are given. */
async function run(rule: Rule, context: CheckContext): Promise<Finding[]> {
  try {
    return (await rule.check(context)).map((finding) => graded({ rule: rule.id, ...finding }, context.settings.checks));
  } catch (error) {
    const known = knownError(error);
    const place = known?.place;
    const remedy = known === undefined ? 'run kdeploy check --verbose, and report this with the output' : known.hint;
    return [
      {
        rule: rule.id,
        severity: 'error',
        message: `the check ${rule.id} could not run: ${redactAddresses(messageOf(known ?? error))}`,
        remedy: remedy ?? 'fix what the message reports',
        ...(place === undefined ? {} : { place }),
      },
    ];
  }
}

function withoutTracking(missing: string): Finding {
  return {
    rule: 'tracking-set-up',
    severity: 'info',
    message: `tracking is off for this image: ${missing}`,
    remedy: 'set mlflow.enabled: true in kdeploy.yml to make this an error, or false if this is intended',
  };
}
