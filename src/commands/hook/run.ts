import { Args, Flags } from '@oclif/core';
import { publicFinding, type PublicFinding } from '../../finding.js';
import { EXIT_CODES, KdeployError } from '../../errors.js';
import { BaseCommand } from '../../ui/base-command.js';
import { environmentFlag, executeFlag, kedroFlag } from '../../ui/flags.js';
import { writeNote } from '../../ui/output.js';

export interface HookRunResult {
  /** Whether an error stops the push. */
  readonly stopped: boolean;
  readonly projects: readonly {
    /** Seen from the repository's root; empty: the root itself. */
    readonly folder: string;
    readonly commit: string;
    readonly refs: readonly string[];
    readonly findings: readonly PublicFinding[];
  }[];
}

/** A line of a ref has some 200 bytes: a hundred thousand refs. */
const MAXIMUM_INPUT_BYTES = 20_000_000;

export default class HookRun extends BaseCommand<HookRunResult> {
  static override summary = 'Check the commits that are being pushed, as the git pre-push hook does.';

  static override description = `git calls this command through the hook that \`kdeploy hook install\` writes, with one line per ref on stdin. Without
input, it checks what git push would send now from the current branch. It reads the commits, not the files on disk,
except for files that commits leave out on purpose, such as conf/local/mlflow.yml. Exits with code 1 if it finds an
error, and with code 2 if a script calls it and there is nothing to check.`;

  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    {
      description: 'In CI, where there is no conf/local: what was pushed after the commit $BEFORE',
      command:
        'echo "HEAD $(git rev-parse HEAD) refs/heads/main $BEFORE" | <%= config.bin %> <%= command.id %> --no-local --env production',
    },
  ];

  static override args = {
    // oclif takes piped input for an argument that was not given; here it is git's.
    remote: Args.string({ ignoreStdin: true, description: "the remote's name, as git passes it to the hook" }),
    url: Args.string({ ignoreStdin: true, description: "the remote's URL, as git passes it to the hook" }),
  };

  static override flags = {
    ...environmentFlag,
    ...kedroFlag,
    ...executeFlag,
    local: Flags.boolean({
      description: 'also read git-ignored files in conf/local from disk; with --no-local, only the commits',
      default: true,
      allowNo: true,
    }),
  };

  async run(): Promise<HookRunResult> {
    const { args, flags } = await this.parse(HookRun);
    const progress = this.progress(flags);
    if (isSet(process.env.KDEPLOY_SKIP_HOOK)) {
      progress.note('kdeploy: KDEPLOY_SKIP_HOOK is set, so this push is not checked.');
      return { stopped: false, projects: [] };
    }
    const input = process.stdin.isTTY ? undefined : await this.input();
    const { runHook } = await import('../../hook/push/run-hook.js');
    const { checked, caller, reason } = await runHook({
      input,
      remote: nonEmpty(args.remote),
      url: nonEmpty(args.url),
      folder: flags.project,
      env: flags.env,
      kedro: flags.kedro,
      execute: flags.execute,
      useWorkTree: flags.local,
      signal: this.signal,
    });
    const stopped = checked.some(({ findings }) => findings.some(({ severity }) => severity === 'error'));
    if (stopped) process.exitCode = EXIT_CODES.findings;
    if (checked.length > 0) {
      const [{ pushText, verdictText }, { noteWarnings }, { wrapped }] = await Promise.all([
        import('../../ui/push-text.js'),
        import('../../ui/notes.js'),
        import('../../ui/terminal.js'),
      ]);
      const warnings = checked.flatMap((project) => project.warnings);
      noteWarnings([...new Map(warnings.map((warning) => [JSON.stringify(warning), warning])).values()], progress);
      // On stderr: git passes a hook's stdout on as its own, which clients show only in a log.
      const text = pushText(checked);
      if (text !== '' && !this.jsonEnabled()) writeNote(`${await wrapped(text, process.stderr)}\n`);
      progress.note(verdictText(checked, { isByHand: caller !== 'git' }));
    } else if (reason !== undefined) progress.note(`kdeploy: ${reason}`);
    return {
      stopped,
      projects: checked.map(({ folder, commit, refs, findings }) => ({
        folder,
        commit,
        refs,
        findings: findings.map(publicFinding),
      })),
    };
  }

  private async input(): Promise<string> {
    let text = '';
    for await (const chunk of process.stdin) {
      text += String(chunk);
      if (text.length > MAXIMUM_INPUT_BYTES)
        throw new KdeployError('usage', 'standard input is not in the format of a git pre-push hook', {
          hint: 'let git push call it',
        });
    }
    return text;
  }
}

/** git has no name for the remote, and its hook an empty word, where a push goes to an address. */
function nonEmpty(argument: string | undefined): string | undefined {
  return argument === '' ? undefined : argument;
}

/** As the hook itself reads it. */
function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== '' && value !== '0' && value !== 'false';
}
