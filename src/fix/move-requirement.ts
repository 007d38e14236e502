import { removalFrom } from '../checks/move-requirement.js';
import { normaliseName } from '../project/python/name.js';
import { appendLine, refused } from './append-line.js';
import type { FileChange } from './file-change.js';
import type { FixStrategy } from './strategy.js';

/** The lines as they are, out of one file and to the end of the other; what the other has already stays as it is. */
export const moveRequirement: FixStrategy<'move-requirement', readonly FileChange[]> = async (
  { file, to },
  { source },
) => {
  const before = await source.read(file);
  if (before === undefined) throw refused(file, `${file} no longer exists`, 'run kdeploy check again');
  const removal = await removalFrom(file, source);
  if ('refusal' in removal) throw refused(file, removal.refusal, removal.remedy ?? `move the line to ${to}`);
  const out: FileChange = { file, before, after: removal.without };
  const developers = await source.read(to);
  const known = namesIn(developers?.toString('latin1') ?? '');
  const added = removal.lines.filter((line) => !known.has(nameOf(line)));
  if (added.length === 0) return [out];
  const after = added.reduce((bytes, line) => appendLine(to, bytes, line), developers ?? Buffer.alloc(0));
  // If only one is written, the lines are in both files, and not in none.
  return [{ file: to, before: developers, after }, out];
};

function namesIn(text: string): ReadonlySet<string> {
  return new Set(text.split('\n').map(nameOf));
}

function nameOf(line: string): string {
  return normaliseName(/^\s*([\w.-]+)/.exec(line)?.[1] ?? '');
}
