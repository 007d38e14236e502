import type { Ora } from 'ora';
import { harmlessLine } from './harmless.js';
import { silent, type Progress, type Step } from '../progress.js';
import { barLines } from './bar-lines.js';
import { hasPictures } from './terminal.js';

export interface Terminal {
  readonly write: (text: string) => void;
  readonly isTerminal: boolean;
}

/** How progress is shown: in place on a terminal, as plain lines in a log, not at all when quiet. Always on stderr. */
export function createProgress(verbosity: Verbosity, terminal: Terminal): Progress {
  if (verbosity === 'quiet') return silent;
  const showsLines = verbosity === 'verbose';
  return terminal.isTerminal ? new SpinnerProgress(terminal, showsLines) : new PlainProgress(terminal, showsLines);
}

/** One line when a step starts and one when it ends, so that a CI log shows what hung. */
class PlainProgress implements Progress {
  constructor(
    private readonly terminal: Terminal,
    private readonly showsLines: boolean,
  ) {}

  async step<T>(title: string, work: (step: Step) => Promise<T>): Promise<T> {
    const started = performance.now();
    let result = '';
    this.terminal.write(`${title} …\n`);
    try {
      const value = await work({
        update: () => undefined,
        bars: () => undefined,
        line: (text) => {
          if (this.showsLines) this.terminal.write(`  | ${text}\n`);
        },
        note: (text) => {
          this.note(text);
        },
        result: (text) => (result = text),
      });
      this.terminal.write(`${title}: ${doneText(result, started)}\n`);
      return value;
    } catch (error) {
      this.terminal.write(`${title}: failed after ${secondsSince(started)}\n`);
      throw error;
    }
  }

  note(text: string): void {
    this.terminal.write(`${text}\n`);
  }
}

/** As often as the spinner turns: transfers tell thousands of times in a second how far they are. */
const SHOWN_EVERY_MILLISECONDS = 80;

class SpinnerProgress implements Progress {
  constructor(
    private readonly terminal: Terminal,
    private readonly showsLines: boolean,
  ) {}

  async step<T>(title: string, work: (step: Step) => Promise<T>): Promise<T> {
    const { default: ora } = await import('ora');
    const started = performance.now();
    let result = '';
    let latest = '';
    let below = '';
    // stdin is left alone: ora would otherwise swallow Ctrl-C on some terminals.
    const spinner = ora({ text: harmlessLine(title), discardStdin: false }).start();
    let shown = -SHOWN_EVERY_MILLISECONDS;
    const show = (): void => {
      if (performance.now() - shown < SHOWN_EVERY_MILLISECONDS) return;
      shown = performance.now();
      spinner.text = `${harmlessLine(title)} ${secondsSince(started)}${latest === '' ? '' : `  ${fit(harmlessLine(latest))}`}${below}`;
    };
    const clock = setInterval(show, 4 * SHOWN_EVERY_MILLISECONDS).unref();
    try {
      const value = await work({
        update: (text) => {
          latest = text;
          show();
        },
        bars: (bars) => {
          below = hasPictures(process.stderr, process.env) ? barLines(bars, process.stderr.columns || 80) : '';
        },
        line: (text) => {
          if (this.showsLines) this.aside(spinner, `  | ${text}\n`);
          else {
            latest = text;
            show();
          }
        },
        note: (text) => {
          this.aside(spinner, `${text}\n`);
        },
        result: (text) => (result = text),
      });
      spinner.succeed(harmlessLine(`${title}  ${doneText(result, started)}`));
      return value;
    } catch (error) {
      spinner.fail(harmlessLine(`${title}  failed after ${secondsSince(started)}`));
      throw error;
    } finally {
      clearInterval(clock);
    }
  }

  note(text: string): void {
    this.terminal.write(`${text}\n`);
  }

  private aside(spinner: Ora, text: string): void {
    spinner.clear();
    this.terminal.write(text);
    spinner.render();
  }
}

function doneText(result: string, started: number): string {
  return result === '' ? secondsSince(started) : `${result}  (${secondsSince(started)})`;
}

function secondsSince(started: number): string {
  const seconds = (performance.now() - started) / 1000;
  return seconds < 10 ? `${seconds.toFixed(1)} s` : `${Math.round(seconds)} s`;
}

/** One line that does not wrap: a wrapped spinner line cannot be cleared. */
function fit(text: string): string {
  const room = Math.max(20, (process.stderr.columns || 80) - 40);
  return text.length <= room ? text : `${text.slice(0, room - 1)}…`;
}

export type Verbosity = 'quiet' | 'normal' | 'verbose';

/** --quiet and --verbose, and the variables that CI systems set; a flag wins over a variable, quiet over verbose. */
export function verbosityOf(
  flags: { readonly quiet?: boolean; readonly verbose?: boolean },
  environment: NodeJS.ProcessEnv,
): Verbosity {
  if (flags.quiet === true) return 'quiet';
  if (flags.verbose === true) return 'verbose';
  return environment.KDEPLOY_VERBOSE === '1' ? 'verbose' : 'normal';
}
