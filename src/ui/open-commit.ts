import { openCommit, type OpenedCommit } from '../hook/push/open-commit.js';
import type { Progress } from '../progress.js';
import { settingsFlags, type ParsedSettingsFlags } from './flags.js';
import { noteWarnings } from './notes.js';

export interface CommitFlags extends ParsedSettingsFlags {
  readonly project?: string | undefined;
  readonly env?: string | undefined;
  readonly local: boolean;
  readonly kedro?: string | undefined;
}

/** The project that a command's flags name, as a commit has it; warnings of its configuration are shown. */
export async function openCommitOf(flags: CommitFlags, revision: string, progress: Progress): Promise<OpenedCommit> {
  const opened = await openCommit({
    revision,
    folder: flags.project ?? process.cwd(),
    env: flags.env,
    useWorkTree: flags.local,
    kedro: flags.kedro,
    flags: settingsFlags(flags),
  });
  noteWarnings(opened.settings.warnings, progress);
  return opened;
}
