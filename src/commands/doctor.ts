import { openProject, type OpenedProject } from '../config/settings/open-project.js';
import type { Diagnosis } from '../doctor/diagnose.js';
import { EXIT_CODES, KdeployError } from '../errors.js';
import { BaseCommand } from '../ui/base-command.js';
import { environmentFlag, kedroFlag } from '../ui/flags.js';

export interface DoctorResult {
  readonly probes: readonly Diagnosis[];
}

const MARKS: Readonly<Record<Diagnosis['status'], string>> = { ok: 'ok', failed: 'FAILED', skipped: '-' };

export default class Doctor extends BaseCommand<DoctorResult> {
  static override summary = 'Check that this machine has what kdeploy needs: Docker or uv, kedro, credentials, MLflow.';

  static override description = 'Shows how to fix each problem. Exits with code 3 if there is one.';

  static override examples = ['<%= config.bin %> <%= command.id %>', '<%= config.bin %> <%= command.id %> --json'];

  static override flags = { ...environmentFlag, ...kedroFlag };

  async run(): Promise<DoctorResult> {
    const { flags } = await this.parse(Doctor);
    this.progress(flags);
    const project = await this.open(flags);
    const [{ diagnose }, { PROBES }] = await Promise.all([
      import('../doctor/diagnose.js'),
      import('../doctor/probes.js'),
    ]);
    const probes = await diagnose(PROBES, {
      project,
      env: project?.env ?? flags.env ?? 'local',
      kedro: flags.kedro,
      environment: process.env,
      own: { version: this.config.version, root: this.config.root },
    });
    if (probes.some(({ status }) => status === 'failed')) process.exitCode = EXIT_CODES['tool-missing'];
    const width = Math.max(...probes.map(({ title }) => title.length));
    for (const probe of probes) {
      this.log(`${probe.title.padEnd(width)}  ${MARKS[probe.status].padEnd(6)}  ${probe.detail}`);
      if (probe.status === 'failed') this.log(`${''.padEnd(width)}          next: ${probe.remedy}`);
    }
    return { probes };
  }

  /** Outside of a project, the machine can still be checked; a project that is named must be one. */
  private async open(flags: {
    project?: string | undefined;
    env?: string | undefined;
  }): Promise<OpenedProject | undefined> {
    try {
      return await openProject({
        folder: flags.project ?? process.cwd(),
        env: flags.env,
        environmentVariables: process.env,
      });
    } catch (error) {
      const isOutside = error instanceof KdeployError && error.code === 'not-a-project' && flags.project === undefined;
      if (isOutside) return undefined;
      throw error;
    }
  }
}
