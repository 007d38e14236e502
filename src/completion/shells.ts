import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { templatePath } from '../template-files.js';

/** The command that sets the completion up for good in each shell, for pasting. */
export const SHELLS = {
  bash: `echo 'eval "$(kdeploy autocomplete bash)"' >> ~/.bashrc`,
  zsh: `echo 'eval "$(kdeploy autocomplete zsh)"' >> ~/.zshrc`,
  fish: 'mkdir -p ~/.config/fish/completions && kdeploy autocomplete fish > ~/.config/fish/completions/kdeploy.fish',
  powershell: `Add-Content -Path $PROFILE -Value 'kdeploy autocomplete powershell | Out-String | Invoke-Expression'`,
} as const;

export type Shell = keyof typeof SHELLS;

export const SHELL_NAMES = Object.keys(SHELLS) as readonly Shell[];

/** The script that the shell reads. It asks `kdeploy autocomplete --words` for each word, so it is good for any version. */
export function completionScript(shell: Shell): Promise<string> {
  return readFile(templatePath(`completion/${shell}`), 'utf8');
}

/** The shell that somebody uses, as far as it is told: `/usr/bin/fish`. */
export function currentShell(environment: Readonly<Record<string, string | undefined>>): Shell | undefined {
  const name = path.basename(environment.SHELL ?? '');
  return SHELL_NAMES.find((shell) => shell === name);
}
