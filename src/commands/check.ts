import { Flags, type Interfaces } from '@oclif/core';
import { checkProject, type CheckReport } from '../checks/check.js';
import { explainRule } from '../checks/explain-rule.js';
import { EXPLAINED_IDS } from '../rule-ids.js';
import { readRulePage, type RulePage } from '../checks/rule-page.js';
import { EXIT_CODES, KdeployError } from '../errors.js';
import { folderInRepository } from '../git/repository-root.js';
import type { Progress } from '../progress.js';
import { projectModel } from '../project/model.js';
import type { Project } from '../project/project.js';
import { BaseCommand } from '../ui/base-command.js';
import { hasColours } from '../ui/colours.js';
import { environmentFlag, kedroFlag, trackingFlags } from '../ui/flags.js';
import { summaryText } from '../ui/findings-text.js';
import { openProjectOf } from '../ui/open-project.js';
import { REPORT_FORMATS, reportFormat } from '../ui/reports/formats.js';
import { imageReport, projectReport, subjectsOf, type ProjectReport, type Report } from '../ui/reports/report.js';
import { rulePageText } from '../ui/rule-page-text.js';
import { noteSwitchedOff } from '../ui/switched-off.js';

type ParsedFlags = Interfaces.InferredFlags<typeof Check.flags & typeof Check.baseFlags>;

export default class Check extends BaseCommand<Report | RulePage> {
  static override summary = 'Check that an image of this project would log to the right MLflow server.';

  static override description = `Reads the project and changes nothing, unless --fix is given; only with --online it asks a server. Exits with 1 when it
finds an error.`;

  // oclif's own lists what excludes what, and leaves gaps where it has named a flag before.
  static override usage = '<%= command.id %> [FLAGS]';

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
      description: 'What an image that is already built keeps in its layers',
      command: '<%= config.bin %> <%= command.id %> --image registry.example.com/team/app:v1',
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
    commit: Flags.string({
      description: 'check the project as this commit has it, and not the files on disk: an id, branch or tag',
      helpValue: 'REVISION',
    }),
    local: Flags.boolean({
      description: 'with --commit, read what git ignores in conf/local from disk; --no-local leaves it out',
      default: true,
      allowNo: true,
    }),
    online: Flags.boolean({ description: 'ask the MLflow server as well, authenticated as a container would be' }),
    fix: Flags.boolean({
      description: 'mend what is safe to mend: shows the changes first, and asks',
      exclusive: ['explain', 'commit'],
    }),
    yes: Flags.boolean({ char: 'y', description: 'with --fix: change without asking', dependsOn: ['fix'] }),
    image: Flags.string({
      description:
        'instead of the project: look for secrets in the layers of an image, on this machine or in its registry',
      helpValue: 'IMAGE',
      exclusive: ['commit', 'experiment', 'explain', 'fix', 'online', 'tracking-uri'],
    }),
    platform: Flags.string({
      description: 'of an image for several platforms, this one',
      helpValue: 'OS/ARCH',
      dependsOn: ['image'],
    }),
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
    if (flags.explain !== undefined) return this.explain(flags.explain);
    return flags.image === undefined ? this.checkProject(flags) : this.checkImage(flags.image, flags);
  }

  private async explain(name: string): Promise<RulePage> {
    const page = await explainRule(name);
    const isTerminal = process.stdout.isTTY;
    this.log(rulePageText(page, { isTerminal, colours: hasColours(process.stdout, process.env) }));
    return page;
  }

  private async checkProject(flags: ParsedFlags): Promise<Report> {
    const progress = this.progress(flags);
    const { project, env, checked } = await this.look(flags, progress);
    const folder = await folderInRepository(project.root);
    const found = projectReport({ name: project.name, folder, env, checked });
    const report = await this.print({ projects: [found] }, flags.format);
    const [first] = found.findings;
    if (first !== undefined && flags.format === 'text')
      progress.note(`more about a finding: kdeploy check --explain ${first.rule}`);
    const fixable = found.findings.filter((finding) => finding.fixable === true).length;
    if (fixable > 0 && !flags.fix && flags.commit === undefined && flags.format === 'text')
      progress.note(`${fixable} of them can be mended by: kdeploy check --fix`);
    progress.note(closingLine(found));
    noteSwitchedOff(found.off, progress);
    return report;
  }

  private async checkImage(name: string, flags: ParsedFlags): Promise<Report> {
    const progress = this.progress(flags);
    const { checkImageAnywhere } = await import('../scan/check-image-anywhere.js');
    const findings = await checkImageAnywhere(name, flags.platform);
    const report = await this.print({ projects: [], images: [imageReport(name, findings)] }, flags.format);
    progress.note(`${name}: ${summaryText(findings)}`);
    return report;
  }

  /** Puts it to stdout in the form that was asked for; an error in it is the command's exit code. */
  private async print(found: Omit<Report, 'version' | 'kdeploy'>, format: ParsedFlags['format']): Promise<Report> {
    const report: Report = { version: 1, kdeploy: this.config.version, ...found };
    if (subjectsOf(report).some(({ findings }) => findings.some(({ severity }) => severity === 'error')))
      process.exitCode = EXIT_CODES.findings;
    const reportIn = await reportFormat(format);
    const printed = await reportIn.render(report, {
      readPage: readRulePage,
      colours: hasColours(process.stdout, process.env),
    });
    if (printed !== '') this.log(printed);
    return report;
  }

  private async look(
    flags: ParsedFlags,
    progress: Progress,
  ): Promise<{ project: Project; env: string; checked: CheckReport }> {
    const online = flags.online ? { environment: process.env } : undefined;
    if (flags.commit === undefined) {
      if (!flags.local) {
        throw new KdeployError('usage', '--no-local says what to leave out of a commit, and there is no --commit', {
          hint: 'kdeploy check --commit HEAD --no-local',
        });
      }
      const { project, settings, env } = await openProjectOf(flags, progress);
      if (flags.fix) {
        const { mendProject } = await import('../ui/mend-project.js');
        await mendProject({ project, settings, env, kedro: flags.kedro, trackingUri: flags['tracking-uri'] }, flags, {
          progress,
          signal: this.signal,
        });
      }
      const model = projectModel({ project, settings, env, kedro: flags.kedro, processEnvironment: process.env });
      return { project, env, checked: await checkProject({ model, settings, online }) };
    }
    const { openCommitOf } = await import('../ui/open-commit.js');
    const { project, settings, env, resolveWithKedro, close } = await openCommitOf(flags, flags.commit, progress);
    try {
      const model = projectModel({ project, settings, env, resolveWithKedro, processEnvironment: process.env });
      return { project, env, checked: await checkProject({ model, settings, online }) };
    } finally {
      await close();
    }
  }
}

function closingLine({ rules, findings, tracking }: ProjectReport): string {
  const goal = typeof tracking?.uri !== 'string' ? '' : `; logs to ${tracking.uri}, experiment ${tracking.experiment}`;
  return `${rules.length} checks: ${summaryText(findings)}${goal}`;
}
