import { join, posix } from 'node:path';
import { normaliseName } from '../../../src/project/python/name.js';
import { readRequirements, type Requirements } from '../../../src/project/python/requirements-file.js';
import { workTree } from '../../../src/project/sources/work-tree.js';
import type { FileVerdict, JudgedCase, LineVerdict } from './pip-judge.js';

/** The Pythons for which markers are judged: what kdeploy is told of each, and what a Python there would say itself. */
export const ENVIRONMENTS = [
  { pythonVersion: '3.9.18', platform: 'linux/amd64', machine: 'x86_64' },
  { pythonVersion: '3.11.7', platform: 'linux/amd64', machine: 'x86_64' },
  { pythonVersion: '3.13.1', platform: 'linux/arm64', machine: 'aarch64' },
].map(({ pythonVersion, platform, machine }) => ({
  known: { pythonVersion, platform },
  variables: {
    python_version: pythonVersion.replace(/\.\d+$/, ''),
    python_full_version: pythonVersion,
    implementation_version: pythonVersion,
    implementation_name: 'cpython',
    platform_python_implementation: 'CPython',
    platform_machine: machine,
    platform_system: 'Linux',
    sys_platform: 'linux',
    os_name: 'posix',
  },
}));

/** kdeploy's reading, once for each environment: only the markers' verdicts differ. */
export async function readByKdeploy({ folder, file, variables = {} }: JudgedCase): Promise<Requirements[]> {
  const readings: Requirements[] = [];
  for (const { known } of ENVIRONMENTS) {
    const reading = await readRequirements(workTree(folder), file, { environment: known, variables });
    if (reading === undefined) throw new Error(`there is no ${join(folder, file)}`);
    readings.push(reading);
  }
  return readings;
}

export interface Difference {
  /** `requirements.txt:3`; `undefined` when it is about the whole file. */
  readonly place?: string;
  readonly text: string;
}

/** How kdeploy's reading differs from a pip's; empty when the two agree. */
export function differences(readings: readonly Requirements[], verdict: FileVerdict): Difference[] {
  const [reading] = readings;
  if (reading === undefined) throw new Error('no reading');
  const found: Difference[] = [];
  const refusals = reading.problems.filter(({ kind }) => !['legacy', 'absolute-path'].includes(kind));
  if (verdict.stopped !== undefined && refusals.length === 0) found.push({ text: `pip stops: ${verdict.stopped}` });

  const theirs = new Map<string, string>();
  for (const line of verdict.lines) {
    const place = `${posix.normalize(line.file)}:${line.line}`;
    if (line.refused !== undefined) {
      if (!refusals.some((problem) => `${problem.place.file}:${problem.place.line ?? ''}` === place)) {
        found.push({ place, text: `pip refuses ${place}: ${line.refused}` });
      }
    } else if (line.name === null) {
      const isKnown = [...reading.opaque, ...reading.projects].some(
        (other) => `${other.place.file}:${other.place.line ?? ''}` === place,
      );
      // Where its marker excludes it, it is of no interest.
      if (!isKnown && line.applies[0] === true)
        found.push({ place, text: `pip finds a place without a name at ${place}` });
    } else {
      const names = { name: normaliseName(line.name), extras: line.extras.map(normaliseName) };
      theirs.set(shown(place, { ...line, ...names }), place);
    }
  }
  const ours = shownReadings(readings);
  for (const [text, place] of theirs) if (!ours.has(text)) found.push({ place, text: `only pip reads ${text}` });
  if (verdict.stopped !== undefined) return found;
  for (const [text, place] of ours) if (!theirs.has(text)) found.push({ place, text: `only kdeploy reads ${text}` });
  const refusedByPip = verdict.lines.filter(({ refused }) => refused !== undefined);
  for (const { message, place } of refusals) {
    const isRefused = refusedByPip.some(
      ({ file, line }) => place.file === posix.normalize(file) && place.line === line,
    );
    if (!isRefused)
      found.push({ place: `${place.file}:${place.line ?? ''}`, text: `only kdeploy refuses: ${message}` });
  }
  return found;
}

/** Each declaration in words, and where it stands. */
function shownReadings(readings: readonly Requirements[]): Map<string, string> {
  return new Map(
    (readings[0]?.declarations ?? []).map((declaration, index) => {
      const place = `${declaration.place.file}:${declaration.place.line ?? ''}`;
      const { name, extras, isConstraint } = declaration;
      const specifier = declaration.specifier.split(',').filter((clause) => clause !== '');
      const applies = readings.map(({ declarations }) => declarations[index]?.applies ?? false);
      return [shown(place, { name, specifier, extras, isConstraint, applies }), place] as const;
    }),
  );
}

type Accepted = Omit<Exclude<LineVerdict, { refused: string }>, 'file' | 'line' | 'name' | 'refused'> & {
  name: string;
};

function shown(place: string, { name, specifier, extras, applies, isConstraint }: Accepted): string {
  const clauses = [...new Set(specifier)].sort().join(',');
  const where = applies.map((each) => (each ? 'yes' : 'no')).join('/');
  return `${isConstraint ? '-c ' : ''}${name}[${[...new Set(extras)].sort().join(',')}]${clauses} at ${place}, installed: ${where}`;
}
