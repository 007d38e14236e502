import { Flags, type Interfaces } from '@oclif/core';
import { checkProject } from '../checks/check.js';
import { explainRule } from '../checks/explain-rule.js';
import { EXPLAINED_IDS } from '../checks/rule-ids.js';
import { readRulePage, type RulePage } from '../checks/rule-page.js';
import type { OpenedProject } from '../config/open-project.js';
import { EXIT_CODES } from '../errors.js';
import { folderInRepository } from '../git/repository-root.js';
import type { Progress } from '../progress.js';
import { BaseCommand } from '../ui/base-command.js';
import { hasColours } from '../ui/colours.js';
import { environmentFlag, kedroFlag, trackingFlags } from '../ui/flags.js';
import { summaryText } from '../ui/findings-text.js';
import { openProjectOf } from '../ui/open-project.js';
import { REPORT_FORMATS, reportFormat } from '../ui/reports/formats.js';
import { projectReport, type ProjectReport, type Report } from '../ui/reports/report.js';
import { rulePageText } from '../ui/rule-page-text.js';
import { noteSwitchedOff } from '../ui/switched-off.js';

type ParsedFlags = Interfaces.InferredFlags<typeof Check.flags & typeof Check.baseFlags>;

export default class Check extends BaseCommand<Report | RulePage> {
  static override summary = 'Check that an image of this project would log to the right MLflow server.';

  static override description = `Reads the project and changes nothing, unless --fix is given; only with --online it asks a server. Exits with 1 when it
finds an error.`;

  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    {
      description: 'The set-up of another environment',
      command: '<%= config.bin %> <%= command.id %> --env production',
    },
    {
      description: 'Mend what is safe to mend, after a look at the changes',
      command: '<%= config.bin %> <%= command.id %> --fix',
    },
    {
      description: 'What a check is for, and how to mend what it finds',
      command: '<%= config.bin %> <%= command.id %> --explain mlflow-config-exists',
    },
    {
      description: 'As annotations in a GitHub workflow',
      command: '<%= config.bin %> <%= command.id %> --format github',
    },
    {
      description: 'For GitHub’s code scanning, and other platforms that read SARIF',
      command: '<%= config.bin %> <%= command.id %> --format sarif > kdeploy.sarif',
    },
  ];

  static override flags = {
    explain: Flags.string({
      description: 'tell about a check instead: why it is there, how its findings look, how to mend them',
      helpValue: 'NAME',
      // For the shell's completion. What is none of them is told by explainRule, which knows what was meant.
      options: EXPLAINED_IDS,
    }),
    ...environmentFlag,
    ...kedroFlag,
    ...trackingFlags,
    online: Flags.boolean({ description: 'ask the MLflow server as well, authenticated as a container would be' }),
    fix: Flags.boolean({
      description: 'mend what is safe to mend: shows the changes first, and asks',
      exclusive: ['explain'],
    }),
    yes: Flags.boolean({ char: 'y', description: 'with --fix: change without asking', dependsOn: ['fix'] }),
    format: Flags.option({
      options: REPORT_FORMATS,
      default: 'text',
      description: 'how the findings are printed',
    })(),
  };

  async run(): Promise<Report | RulePage> {
    const { flags } = await this.parse({
      flags: { ...Check.flags, explain: Flags.string() },
      baseFlags: Check.baseFlags,
      enableJsonFlag: Check.enableJsonFlag,
    });
    return flags.explain === undefined ? this.check(flags) : this.explain(flags.explain);
  }

  private async explain(name: string): Promise<RulePage> {
    const page = await explainRule(name);
    const isTerminal = process.stdout.isTTY;
    this.log(rulePageText(page, { isTerminal, colours: hasColours(process.stdout, process.env) }));
    return page;
  }

  private async check(flags: ParsedFlags): Promise<Report> {
    const progress = this.progress(flags);
    const { project, settings, env } = await openProjectOf(flags, progress);
    if (flags.fix) await this.fix({ project, settings, env }, flags, progress);
    const checked = await checkProject({
      project,
      settings,
      env,
      kedro: flags.kedro,
      online: flags.online ? { environment: process.env } : undefined,
    });
    if (checked.findings.some(({ severity }) => severity === 'error')) process.exitCode = EXIT_CODES.findings;

    const folder = await folderInRepository(project.root);
    const checkedProject = projectReport({ name: project.name, folder, env, checked });
    const report: Report = { version: 1, kdeploy: this.config.version, projects: [checkedProject] };
    const format = await reportFormat(flags.format);
    const colours = hasColours(process.stdout, process.env);
    const printed = await format.render(report, { readPage: readRulePage, colours });
    if (printed !== '') this.log(printed);
    const [first] = checkedProject.findings;
    if (first !== undefined && flags.format === 'text')
      progress.note(`more about a finding: kdeploy check --explain ${first.rule}`);
    const fixable = checkedProject.findings.filter((finding) => finding.fixable === true).length;
    if (fixable > 0 && !flags.fix && flags.format === 'text')
      progress.note(`${fixable} of them can be mended by: kdeploy check --fix`);
    progress.note(closingLine(checkedProject));
    noteSwitchedOff(checkedProject.off, progress);
    return report;
  }

  /** Shows what would be changed, and changes it when that is wanted. stdout stays the report's. */
  private async fix(
    opened: Pick<OpenedProject, 'project' | 'settings' | 'env'>,
    flags: ParsedFlags,
    progress: Progress,
  ): Promise<void> {
    // Loaded here: a check without --fix has no use for them.
    const [{ planProjectFixes }, { applyChanges }, { diffText }, { confirm }] = await Promise.all([
      import('../fix/fix-project.js'),
      import('../fix/apply-changes.js'),
      import('../ui/diff-text.js'),
      import('../ui/confirm.js'),
    ]);
    const { project } = opened;
    const environment = process.env;
    const plan = await planProjectFixes({
      ...opened,
      kedro: flags.kedro,
      environment,
      trackingUri: flags['tracking-uri'],
    });
    for (const { finding, reason } of plan.refused) {
      progress.note(
        `not mended: [${finding.rule}] ${reason.message}${reason.hint === undefined ? '' : `; ${reason.hint}`}`,
      );
    }
    if (plan.changes.length === 0) {
      progress.note('there is nothing that --fix can mend');
      return;
    }
    const diff = await diffText(plan.changes, { colours: hasColours(process.stderr, environment) });
    const asks = !flags.yes && process.stdin.isTTY && process.stderr.isTTY;
    // A question cannot be answered unseen, --quiet or not.
    if (asks) process.stderr.write(`${diff}\n`);
    else progress.note(diff);
    if (!flags.yes && !asks) {
      progress.note('nothing was changed; to change it so: kdeploy check --fix --yes');
      return;
    }
    const terminal = { input: process.stdin, output: process.stderr };
    if (asks && !(await confirm('Change it so?', terminal, this.signal))) {
      progress.note('nothing was changed');
      return;
    }
    await applyChanges(project.root, plan.changes);
    progress.note(`changed: ${plan.changes.map(({ file }) => file).join(', ')}`);
  }
}

function closingLine({ rules, findings, tracking }: ProjectReport): string {
  const goal = typeof tracking?.uri !== 'string' ? '' : `; logs to ${tracking.uri}, experiment ${tracking.experiment}`;
  return `${rules.length} checks: ${summaryText(findings)}${goal}`;
}
