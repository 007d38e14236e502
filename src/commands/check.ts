import { Flags, type Interfaces } from '@oclif/core';
import { checkProject, type CheckReport } from '../checks/check.js';
import { explainRule } from '../checks/explain-rule.js';
import { EXPLAINED_IDS } from '../rule-ids.js';
import { readRulePage, type RulePage } from '../checks/rule-page.js';
import { EXIT_CODES, KdeployError } from '../errors.js';
import { folderInRepository } from '../git/repository-root.js';
import { selectedPlatform } from '../image/platform.js';
import type { Progress } from '../progress.js';
import { refuseToExecute } from '../project/kedro/not-executed.js';
import { projectModel } from '../project/model.js';
import type { Project } from '../project/project.js';
import { StateFolder } from '../state-folder.js';
import { BaseCommand } from '../ui/base-command.js';
import { hasColours, wrapped } from '../ui/terminal.js';
import { environmentFlag, executeFlag, IMAGE_NAMES, kedroFlag, registryFlags, trackingFlags } from '../ui/flags.js';
import { summaryText } from '../ui/findings-text.js';
import { openProjectOf } from '../ui/open-project.js';
import { REPORT_FORMATS, reportFormat } from '../ui/reports/formats.js';
import { imageReport, projectReport, subjectsOf, type ProjectReport, type Report } from '../ui/reports/report.js';
import { rulePageText } from '../ui/rule-page-text.js';
import { noteSwitchedOff } from '../ui/notes.js';

type ParsedFlags = Interfaces.InferredFlags<typeof Check.flags & typeof Check.baseFlags>;

export default class Check extends BaseCommand<Report | RulePage> {
  static override summary = 'Check that an image of this project would log to the right MLflow server.';

  static override description = `Reads the project without changing it, unless you pass --fix, and contacts a server only with --online. Starts the
project's Python if only Kedro can read its configuration, unless you pass --no-execute. Exits with code 1 if it finds
an error.`;

  // oclif's own lists what excludes what, and leaves gaps where it has named a flag before.
  static override usage = '<%= command.id %> [FLAGS]';

  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    {
      description: 'Check another environment',
      command: '<%= config.bin %> <%= command.id %> --env production',
    },
    {
      description: 'Apply the safe fixes, after showing the changes',
      command: '<%= config.bin %> <%= command.id %> --fix',
    },
    {
      description: 'Explain a check, and how to fix its findings',
      command: '<%= config.bin %> <%= command.id %> --explain mlflow-config-exists',
    },
    {
      description: 'Look for secrets in the layers of an image that is already built',
      command: '<%= config.bin %> <%= command.id %> --image registry.example.com/team/app:v1',
    },
    {
      description: 'Annotate the affected lines in a GitHub workflow',
      command: '<%= config.bin %> <%= command.id %> --format github',
    },
    {
      description: 'Write SARIF, for GitHub’s code scanning and other platforms',
      command: '<%= config.bin %> <%= command.id %> --format sarif > kdeploy.sarif',
    },
  ];

  static override flags = {
    explain: Flags.string({
      description: 'explain a check: why it exists, what its findings look like, how to fix them',
      helpValue: 'NAME',
      // For the shell's completion. Unknown names are reported by explainRule, which suggests the one that was meant.
      options: EXPLAINED_IDS,
    }),
    ...environmentFlag,
    ...kedroFlag,
    ...executeFlag,
    ...trackingFlags,
    commit: Flags.string({
      description: 'check the project as of this commit (an ID, branch or tag), not the files on disk',
      helpValue: 'REVISION',
    }),
    local: Flags.boolean({
      description: 'with --commit: also read git-ignored files in conf/local from disk',
      default: true,
      allowNo: true,
    }),
    online: Flags.boolean({ description: 'also query the MLflow server, authenticated as a container would be' }),
    fix: Flags.boolean({
      description: 'apply the safe fixes, after showing the changes and asking',
      exclusive: ['explain', 'commit'],
    }),
    yes: Flags.boolean({ char: 'y', description: 'with --fix: apply the changes without asking', dependsOn: ['fix'] }),
    image: Flags.string({
      description: `look for secrets in the layers of this image, instead of checking the project: ${IMAGE_NAMES}`,
      helpValue: 'IMAGE',
      exclusive: ['commit', 'experiment', 'explain', 'fix', 'online', 'tracking-uri'],
    }),
    remote: Flags.boolean({ ...registryFlags.remote, dependsOn: ['image'] }),
    'plain-http': Flags.boolean({ ...registryFlags['plain-http'], dependsOn: ['image'] }),
    platform: Flags.string({
      description: 'the platform to check in a multi-platform image',
      helpValue: 'OS/ARCH',
      dependsOn: ['image'],
    }),
    format: Flags.option({
      options: REPORT_FORMATS,
      default: 'text',
      description: 'the output format of the findings',
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
    this.logAsIs(rulePageText(page, { isTerminal, colours: hasColours(process.stdout, process.env) }));
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
      progress.note(`to learn more about a finding: kdeploy check --explain ${first.rule}`);
    const fixable = found.findings.filter((finding) => finding.fixable === true).length;
    if (fixable > 0 && !flags.fix && flags.commit === undefined && flags.format === 'text')
      progress.note(`${fixable} ${fixable === 1 ? 'is' : 'are'} fixable with: kdeploy check --fix`);
    progress.note(closingLine(found));
    noteSwitchedOff(found.off, progress);
    return report;
  }

  private async checkImage(name: string, flags: ParsedFlags): Promise<Report> {
    const progress = this.progress(flags);
    const [{ imageAddress }, { checkImageAnywhere }, { locateParts }, { LayerVerdicts }] = await Promise.all([
      import('../ui/image-address.js'),
      import('../scan/check-image-anywhere.js'),
      import('../locate/locate-parts.js'),
      import('../scan/layer-verdicts.js'),
    ]);
    const state = StateFolder.ofUser();
    const parts = locateParts({ state, signal: this.signal, plainHttp: flags['plain-http'] });
    const findings = await checkImageAnywhere(
      imageAddress(name, flags),
      selectedPlatform(flags.platform),
      parts,
      new LayerVerdicts(state),
    );
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
    if (printed === '') return report;
    if (format === 'text') this.log(await wrapped(printed, process.stdout));
    // The others have escapes of their own.
    else this.logAsIs(printed);
    return report;
  }

  private async look(
    flags: ParsedFlags,
    progress: Progress,
  ): Promise<{ project: Project; env: string; checked: CheckReport }> {
    const online = flags.online ? { environment: process.env } : undefined;
    if (flags.commit === undefined) {
      if (!flags.local) {
        throw new KdeployError('usage', '--no-local has no effect without --commit', {
          hint: 'to check the last commit without conf/local: kdeploy check --commit HEAD --no-local',
        });
      }
      const { project, settings, env } = await openProjectOf(flags, progress);
      if (flags.fix) {
        if (!flags.execute) {
          throw new KdeployError('usage', "--fix starts the project's Kedro, which --no-execute excludes", {
            hint: 'fix the project where its code is trusted',
          });
        }
        const { fixProject } = await import('../ui/fix-project.js');
        await fixProject({ project, settings, env, kedro: flags.kedro, trackingUri: flags['tracking-uri'] }, flags, {
          progress,
          signal: this.signal,
        });
      }
      const started = flags.execute ? {} : { resolveWithKedro: refuseToExecute };
      const asked = { project, settings, env, kedro: flags.kedro, processEnvironment: process.env };
      const model = projectModel({ ...asked, ...started });
      return { project, env, checked: await checkProject({ model, settings, online }) };
    }
    const { openCommitOf } = await import('../ui/open-commit.js');
    const { project, settings, env, resolveWithKedro, close } = await openCommitOf(flags, flags.commit, progress);
    try {
      const asked = { project, settings, env, processEnvironment: process.env };
      const model = projectModel({ ...asked, resolveWithKedro: flags.execute ? resolveWithKedro : refuseToExecute });
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
