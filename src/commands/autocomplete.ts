import { Args, Flags } from '@oclif/core';
import { completionScript, currentShell, SHELL_NAMES, SHELLS, type Shell } from '../completion/shells.js';
import { BaseCommand } from '../ui/base-command.js';

export interface AutocompleteResult {
  /** `null` when none was named and the current one is not known. */
  readonly shell: Shell | null;
  /** Only when the shell was named. */
  readonly script: string | null;
  /** The command that sets it up, for each shell. */
  readonly setup: Readonly<Record<Shell, string>>;
}

export default class Autocomplete extends BaseCommand<AutocompleteResult> {
  static override summary = 'Complete commands, flags and their values in your shell.';

  static override description = `Prints the script for SHELL. Without SHELL it prints the command that sets the completion up in your shell.`;

  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    ...SHELL_NAMES.map((shell) => ({ description: `Set it up in ${shell}`, command: SHELLS[shell] })),
  ];

  static override args = {
    shell: Args.string({ options: [...SHELL_NAMES], ignoreStdin: true, description: SHELL_NAMES.join(', ') }),
  };

  static override flags = {
    words: Flags.boolean({ hidden: true, description: 'what the word under the cursor can be; for the scripts' }),
  };

  protected override readonly printsAsIs = true;

  async run(): Promise<AutocompleteResult> {
    // What is behind -- is somebody's half-typed line, and for oclif's parser too early.
    const at = this.argv.includes('--') ? this.argv.indexOf('--') : this.argv.length;
    const words = this.argv.slice(at + 1);
    const { args, flags } = await this.parse(Autocomplete, this.argv.slice(0, at));
    const result = { shell: currentShell(process.env) ?? null, script: null, setup: SHELLS };
    if (flags.words) {
      await this.completeWords(words);
      return result;
    }
    if (args.shell === undefined) {
      const chosen = result.shell === null ? SHELL_NAMES : [result.shell];
      for (const shell of chosen) this.log(chosen.length === 1 ? SHELLS[shell] : `${shell}: ${SHELLS[shell]}`);
      return result;
    }
    const shell = args.shell as Shell;
    const script = await completionScript(shell);
    this.log(script.trimEnd());
    return { ...result, shell, script };
  }

  /** In the first line what kind of answer it is, then a word a line, with a tab before what it means. */
  private async completeWords(words: readonly string[]): Promise<void> {
    const { complete } = await import('../completion/complete.js');
    const { commands, topics } = this.config;
    const completion = await complete({
      // Windows PowerShell cannot pass an empty word.
      words: words.map((word) => (word === '""' ? '' : word)),
      commands,
      topics,
      environments: () => environmentsNear(folderIn(words)),
    });
    if (typeof completion === 'string') this.log(completion);
    else {
      const lines = completion.map(({ value, description }) => [value, description].filter(Boolean).join('\t'));
      this.log(['words', ...lines].join('\n'));
    }
  }
}

/** The value of --project, if it is among the words. */
function folderIn(words: readonly string[]): string {
  const at = words.indexOf('--project');
  return words[at === -1 ? -1 : at + 1] ?? process.cwd();
}

async function environmentsNear(folder: string): Promise<readonly string[]> {
  const [{ findProject }, { environmentsOf }] = await Promise.all([
    import('../project/project.js'),
    import('../project/kedro/environments.js'),
  ]);
  // Nobody could read an error here.
  return findProject(folder).then(environmentsOf, () => []);
}
