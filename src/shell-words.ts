/**
 * A word as the user's shell takes it literally: quoted only where that is needed. The shells of Windows know backslashes as a part of
 * paths, and cmd knows no quotes but double ones.
 */
export function shellWord(word: string, platform: NodeJS.Platform = process.platform): string {
  if (platform === 'win32') return /^[\w@%+=:,.\\/-]+$/.test(word) ? word : `"${word.replaceAll('"', '\\"')}"`;
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'"'"'`)}'`;
}

/** A command that can be pasted into a shell. Those of POSIX systems, and Python's shlex everywhere, take the same. */
export function shellCommand(words: readonly string[], platform: NodeJS.Platform = process.platform): string {
  return words.map((word) => shellWord(word, platform)).join(' ');
}
