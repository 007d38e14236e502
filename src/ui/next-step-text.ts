/** Of a terminal that is not made wider for the purpose. */
const WIDTH = 100;

/** A step to take, as a shell can read it: the command with what it is for as a comment, or only what to do. */
export function nextStepText({ text, command }: { readonly text: string; readonly command?: string }): string {
  if (command === undefined) return `  ${text}`;
  const line = `  ${command}  # ${text}`;
  // Copied from a terminal, a line that it has broken is two.
  return command.length <= WIDTH ? line : `  # ${text}\n  ${folded(command)}`;
}

/** A line for each option of a long command; a backslash at the end of a line continues it in every shell. */
function folded(command: string): string {
  const words = command.match(/(?:'[^']*'|"[^"]*"|[^\s'"])+/g) ?? [];
  const lines: string[] = [];
  for (const word of words) {
    const last = lines.at(-1);
    if (last === undefined || (word.startsWith('--') && `${last} ${word}`.length > WIDTH)) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines.join(' \\\n    ');
}
