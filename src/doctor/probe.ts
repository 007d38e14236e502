import type { Settings } from '../config/settings/settings.js';
import type { Project } from '../project/project.js';

/** What a probe found: the thing is there, or what is wrong and how to fix it. */
export type ProbeResult =
  | { readonly status: 'ok'; readonly detail: string }
  /** Not needed by this project, or not asked for. */
  | { readonly status: 'skipped'; readonly detail: string }
  | { readonly status: 'failed'; readonly detail: string; readonly remedy: string };

/** One thing that kdeploy needs of the machine. One file each, listed in `probes.ts`. */
export interface Probe {
  /** Stable; what scripts look for in --json. */
  readonly id: string;
  readonly title: string;
  /** May throw a KdeployError, which is shown as a failure with its hint. */
  run(context: DoctorContext): Promise<ProbeResult>;
}

/** What the probes look at. */
export interface DoctorContext {
  /** Absent outside of a project: the machine can be checked anyway. */
  readonly project: OpenedProject | undefined;
  readonly env: string;
  readonly kedro: string | undefined;
  readonly environment: NodeJS.ProcessEnv;
  readonly own: OwnProgram;
}

/** The kdeploy that asks. */
export interface OwnProgram {
  readonly version: string;
  /** The folder of its package. */
  readonly root: string;
}

export interface OpenedProject {
  readonly project: Project;
  readonly settings: Settings;
}
