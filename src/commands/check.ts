import { Flags } from '@oclif/core';
import { checkProject } from '../checks/check.js';
import type { Finding } from '../checks/finding.js';
import { EXIT_CODES } from '../errors.js';
import { redactUri } from '../project/tracking-uri.js';
import { BaseCommand } from '../ui/base-command.js';
import { environmentFlag, kedroFlag, trackingFlags } from '../ui/flags.js';
import { findingsText, githubAnnotations, summaryText } from '../ui/findings-text.js';
import { noteSwitchedOff } from '../ui/switched-off.js';
import { openProjectOf } from '../ui/open-project.js';

export interface CheckResult {
  readonly findings: readonly Finding[];
  readonly rules: readonly string[];
  /** Those that are switched off in kdeploy.yml. */
  readonly off: readonly string[];
  /** Where the image would log; `null` without tracking. */
  readonly tracking: { readonly uri: string | null; readonly experiment: string } | null;
}

export default class Check extends BaseCommand<CheckResult> {
  static override summary = 'Check that an image of this project would log to the right MLflow server.';

  static override description = `Reads the project and starts nothing; only with --online it asks a server. Exits with 1 when it finds an error.`;

  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    {
      description: 'The set-up of another environment',
      command: '<%= config.bin %> <%= command.id %> --env production',
    },
    {
      description: 'As annotations in a GitHub workflow',
      command: '<%= config.bin %> <%= command.id %> --format github',
    },
  ];

  static override flags = {
    ...environmentFlag,
    ...kedroFlag,
    ...trackingFlags,
    online: Flags.boolean({ description: 'ask the MLflow server as well, authenticated as a container would be' }),
    format: Flags.option({
      options: ['text', 'json', 'github'] as const,
      default: 'text',
      description: 'how the findings are printed',
    })(),
  };

  async run(): Promise<CheckResult> {
    const { flags } = await this.parse(Check);
    const progress = this.progress(flags);
    const { project, settings, env } = await openProjectOf(flags, progress);
    const { findings, rules, off, tracking } = await checkProject({
      project,
      settings,
      env,
      kedro: flags.kedro,
      online: flags.online ? { environment: process.env } : undefined,
    });
    if (findings.some(({ severity }) => severity === 'error')) process.exitCode = EXIT_CODES.findings;

    const uri = tracking?.uri === undefined ? null : redactUri(tracking.uri);
    const result = { findings, rules, off, tracking: tracking ? { uri, experiment: tracking.experiment } : null };
    if (flags.format === 'json') this.log(JSON.stringify(result, undefined, 2));
    else if (flags.format === 'github') this.print(githubAnnotations(findings));
    else {
      this.print(findingsText(findings));
      const goal = uri === null || tracking === undefined ? '' : `; logs to ${uri}, experiment ${tracking.experiment}`;
      progress.note(`${rules.length} checks: ${summaryText(findings)}${goal}`);
      noteSwitchedOff(off, progress);
    }
    return result;
  }

  private print(text: string): void {
    if (text !== '') this.log(text);
  }
}
