import type { CheckContext } from '../../src/checks/context.js';
import { projectModel } from '../../src/project/model.js';
import type { Rule } from '../../src/checks/rule.js';
import type { KedroConfig } from '../../src/project/tracking/tracking-config.js';
import { memorySource } from './memory-source.js';
import { settingsWith, type SettingsChanges } from './settings.js';

export interface ContextGiven {
  readonly files?: Readonly<Record<string, string | Buffer>>;
  readonly settings?: SettingsChanges;
  readonly env?: string;
  /** `kedro_init_version`; 1.7.0. */
  readonly kedroVersion?: string;
  readonly processEnvironment?: Readonly<Record<string, string>>;
  readonly resolveWithKedro?: (reason: string) => Promise<KedroConfig>;
}

/** What a rule sees of a project that lies in memory. */
export function contextWith({
  files = {},
  settings,
  env,
  kedroVersion = '1.7.0',
  processEnvironment = {},
  resolveWithKedro,
}: ContextGiven): CheckContext {
  const whole = settingsWith(settings);
  const model = projectModel({
    project: {
      root: '/project',
      name: 'Demo',
      packageName: 'demo',
      sourceFolder: 'src',
      kedroVersion,
      source: memorySource(files),
    },
    settings: whole,
    env,
    processEnvironment,
    resolveWithKedro: resolveWithKedro ?? (() => Promise.reject(new Error('Kedro was asked'))),
  });
  return { ...model, settings: whole };
}

/** `error requirements.txt:3: kedro-mlflow is not …`, one line a finding; remedies apart. */
export async function findingsOf(rule: Rule, given: ContextGiven): Promise<string[]> {
  const findings = await rule.check(contextWith(given));
  return findings.map(({ severity, message, place }) => {
    const where = place === undefined ? '' : ` ${place.file}${place.line === undefined ? '' : `:${place.line}`}`;
    return `${severity}${where}: ${message}`;
  });
}

export async function remediesOf(rule: Rule, given: ContextGiven): Promise<string[]> {
  return (await rule.check(contextWith(given))).map(({ remedy }) => remedy);
}
