import type { Progress, Step } from '../../src/progress.js';

/** Keeps what is said: `step build`, `line …`, `result …`, `note …`. */
export class RecordingProgress implements Progress {
  readonly said: string[] = [];

  readonly recordingStep: Step = {
    bars: () => undefined,
    update: (text) => void this.said.push(`update ${text}`),
    line: (text) => void this.said.push(`line ${text}`),
    note: (text) => void this.said.push(`note ${text}`),
    result: (text) => void this.said.push(`result ${text}`),
  };

  step<T>(title: string, work: (step: Step) => Promise<T>): Promise<T> {
    this.said.push(`step ${title}`);
    return work(this.recordingStep);
  }

  note(text: string): void {
    this.said.push(`note ${text}`);
  }
}
