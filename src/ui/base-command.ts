import { Command, Errors, Flags, type Interfaces } from '@oclif/core';
import { KdeployError } from '../errors.js';
import type { Progress } from '../progress.js';
import { fileProblem, knownError } from '../system-error.js';
import { errorJson, errorText } from './error-text.js';
import { printAsIs, printJson, printResult, writeNote } from './output.js';
import { createProgress, type Verbosity, verbosityOf } from './terminal-progress.js';
import { usageError } from './usage-error.js';
import { wrapped } from './terminal.js';

/** Flags that every command has. */
export type BaseFlags = Interfaces.InferredFlags<(typeof BaseCommand)['baseFlags']>;

/**
 * What all commands share: the common flags, progress on stderr, interruption, and one place where errors become text
 * and exit codes. A command parses, calls one use case and presents its result.
 */
export abstract class BaseCommand<Result> extends Command {
  static override enableJsonFlag = true;

  static override baseFlags = {
    json: Flags.boolean({ description: 'print the result as JSON', helpGroup: 'GLOBAL' }),
    project: Flags.directory({
      description: 'the Kedro project, or a folder in it (default: the current folder)',
      helpValue: 'DIR',
      helpGroup: 'GLOBAL',
    }),
    quiet: Flags.boolean({ char: 'q', description: 'print only the result', helpGroup: 'GLOBAL' }),
    verbose: Flags.boolean({
      char: 'v',
      description: 'show the output of the tools that kdeploy calls, and the stack traces of errors',
      helpGroup: 'GLOBAL',
    }),
  };

  /** For kdeploy's own text, and a secret that was asked for: the result is neither redacted nor escaped. */
  protected readonly printsAsIs: boolean = false;
  private readonly interruption = new AbortController();
  private verbosity: Verbosity = 'normal';

  /** Aborted by Ctrl-C or SIGTERM: use cases stop, clear away what they made, and throw `interrupted`. */
  protected get signal(): AbortSignal {
    return this.interruption.signal;
  }

  protected override async init(): Promise<void> {
    await super.init();
    // Before oclif's own, which throws.
    process.stdout.off('error', resultNotWritten).prependListener('error', resultNotWritten);
    for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => this.interrupt(name));
  }

  /** The first Ctrl-C lets the command clear away what it made; a second one ends it at once. */
  private interrupt(name: NodeJS.Signals): void {
    this.interruption.abort(new KdeployError('interrupted', `interrupted (${name})`));
    process.once(name, () => process.exit(130));
  }

  protected progress(flags: Pick<BaseFlags, 'quiet' | 'verbose'>): Progress {
    this.verbosity = verbosityOf(flags, process.env);
    return createProgress(this.verbosity, {
      write: writeNote,
      isTerminal: process.stderr.isTTY && process.env.CI === undefined && process.env.TERM !== 'dumb',
    });
  }

  /** The command's work; what it returns is what --json prints. */
  abstract override run(): Promise<Result>;

  /** A line of the result; not with --json, whose result is what `run` returns. */
  override log(text = ''): void {
    if (!this.jsonEnabled()) (this.printsAsIs ? printAsIs : printResult)(text);
  }

  /** The same for text that has escapes of its own. */
  protected logAsIs(text: string): void {
    if (!this.jsonEnabled()) printAsIs(text);
  }

  override logJson(result: unknown): void {
    if (this.printsAsIs) printAsIs(JSON.stringify(result, undefined, 2));
    else printJson(result);
  }

  /** Each result has the version of its format (schema/). */
  protected override toSuccessJson(result: unknown): unknown {
    return { version: 1, ...(result as object) };
  }

  protected override async catch(error: Error & { exitCode?: number }): Promise<void> {
    const known = await this.known(error);
    process.exitCode = known instanceof KdeployError ? known.exitCode : 1;
    const verbose = this.verbosity === 'verbose' || process.argv.includes('--verbose') || process.argv.includes('-v');
    if (this.jsonEnabled()) printJson(errorJson(known));
    else writeNote(`${await wrapped(errorText(known, { verbose }), process.stderr)}\n`);
  }

  /** oclif's own complaints about flags and arguments are usage errors like ours. */
  private async known(error: Error): Promise<unknown> {
    if (error instanceof KdeployError && !this.comesFromInterruption(error)) return error;
    if (error instanceof Errors.CLIError && error.oclif.exit === 2) {
      return usageError(error, (this.id ?? '').replaceAll(':', ' '), this.ctor);
    }
    if (this.signal.aborted) return new KdeployError('interrupted', 'interrupted', { cause: error });
    return knownError(error) ?? error;
  }

  /** Whether what failed did so because it was told to stop: an engine that did not answer, a layer that was cut. */
  private comesFromInterruption(error: KdeployError): boolean {
    const reason: unknown = this.signal.aborted ? this.signal.reason : undefined;
    for (let cause = error.cause; cause instanceof Error; cause = cause.cause) if (cause === reason) return true;
    return false;
  }
}

/** The result goes to stdout, possibly into a pipe that is closed early (`| head`); that is nobody's error. */
function resultNotWritten(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE') return;
  const known = fileProblem(error, 'the output', 'written') ?? error;
  writeNote(`${errorText(known, { verbose: false })}\n`);
  process.exit(known instanceof KdeployError ? known.exitCode : 1);
}
