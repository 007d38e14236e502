/** How long-running work reports what it is doing. The commands show it on stderr; use cases only know this interface. */
export interface Progress {
  /** Runs one step, shown with its title while it runs and with its duration when it ends, well or badly. */
  step<T>(title: string, work: (step: Step) => Promise<T>): Promise<T>;

  /** A sentence the user should read, outside any step. */
  note(text: string): void;
}

export interface Step {
  /** What the step is at: `62 of 918 MB`. Shown in place on a terminal, and nowhere else. */
  update(text: string): void;

  /** What is under way at the same time. Shown below on a terminal, and nowhere else. */
  bars(bars: readonly Bar[]): void;

  /** A line of a tool's own output. */
  line(text: string): void;

  /** A sentence the user should read, whether the step succeeds or not. */
  note(text: string): void;

  /** What the step came to, shown behind its title when it has ended: `sha256:4be1…`. */
  result(text: string): void;
}

/** How far one of several transfers is. */
export interface Bar {
  readonly name: string;
  /** Bytes. */
  readonly done: number;
  readonly total: number;
}

const SILENT_STEP: Step = {
  update: () => undefined,
  bars: () => undefined,
  line: () => undefined,
  note: () => undefined,
  result: () => undefined,
};

/** Shows nothing: for --quiet, and for callers without a user. */
export const silent: Progress = {
  step: (_title, work) => work(SILENT_STEP),
  note: () => undefined,
};
