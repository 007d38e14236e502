import { openProject, type OpenedProject } from '../config/settings/open-project.js';
import type { Progress } from '../progress.js';
import { settingsFlags, type ParsedSettingsFlags } from './flags.js';
import { noteWarnings } from './notes.js';

/** The project that a command's flags name, with its settings; warnings of its configuration are shown. */
export async function openProjectOf(
  flags: ParsedSettingsFlags & { readonly project?: string | undefined; readonly env?: string | undefined },
  progress: Progress,
): Promise<OpenedProject> {
  const opened = await openProject({
    folder: flags.project ?? process.cwd(),
    env: flags.env,
    flags: settingsFlags(flags),
    environmentVariables: process.env,
  });
  noteWarnings(opened.settings.warnings, progress);
  return opened;
}
