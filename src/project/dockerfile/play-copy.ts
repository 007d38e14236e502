import { posix } from 'node:path';
import { findStage } from './find-stage.js';
import type { InstallStep } from './install.js';
import type { Instruction } from './instructions.js';
import { movedPlaces } from './root-home.js';
import type { Stage } from './stage.js';

/** What a COPY or ADD changes in a stage; `stages` are those so far, this one among them. */
export function playCopy(instruction: Instruction, stage: Stage, stages: readonly Stage[]): void {
  const { text, words, flags, line, heredocs } = instruction;
  const paths = (words ?? text.split(/\s+/)).map((path) => stage.expand(path));
  const target = paths.pop();
  // Nobody can tell where it goes; better nowhere than anywhere.
  if (target === undefined) {
    stage.unknownDestinations.push('/');
    stage.mayContainProject = true;
    return;
  }
  const destination = stage.resolve(target);
  const sources = paths.filter((path): path is string => path !== undefined && !path.startsWith('<<'));
  for (const { name, content } of heredocs)
    stage.files.make(target.endsWith('/') ? posix.join(destination, name) : destination, packagesIn(content), '/');

  if (destination.startsWith('/etc') || destination === '/') stage.makesUsers = true;
  const from = flags.find(({ name }) => name === 'from')?.value;
  if (from !== undefined || paths.some((path) => isUnclear(path))) stage.unknownDestinations.push(destination);
  const name = from === undefined ? undefined : (stage.expand(from) ?? from);
  const other = name === undefined ? undefined : stageFrom(name, stages);
  const isKnown = from === undefined ? !paths.some((path) => isUnclear(path)) : other !== undefined;
  if (
    !SYSTEM_FOLDERS.test(destination) &&
    (!isKnown || other?.mayContainProject === true || other?.movesFiles === true)
  )
    stage.mayContainProject = true;
  if (from === undefined) {
    stage.files.copy(sources, destination, hasFlag(flags, 'parents'));
    // One with an unknown name may be any of them.
    stage.copies.push(
      paths.includes(undefined)
        ? { line, sources: ['.'], destination, isUncertain: true }
        : { line, sources, destination },
    );
    return;
  }
  if (other === undefined && name !== undefined && !name.includes('$')) stage.images.push(name);
  if (other === undefined || other === stage) return;
  for (const path of sources) {
    const source = posix.resolve('/', path);
    stage.files.copyFrom(other.files, source, destination);
    stage.placedPackages.push(...movedPlaces(other, source, destination));
  }
  stage.addStepsOf(other);
}

/** Where programs and libraries go, and no project. */
const SYSTEM_FOLDERS = /^\/(?:s?bin|usr|lib\d*|etc|tmp)(?:\/|$)/;

/** A stage by its name or number. */
function stageFrom(name: string, stages: readonly Stage[]): Stage | undefined {
  return findStage(stages, name) ?? (/^\d+$/.test(name) ? stages[Number(name)] : undefined);
}

/** An archive, which ADD unpacks; something from a server; a pattern that may match folders, whose contents are copied. */
function isUnclear(source: string | undefined): boolean {
  if (source === undefined || /^[a-z][a-z0-9+.-]*:\/\/|^git@|\.(?:tar|tgz|tbz2?|txz|tar\.\w+)$/i.test(source))
    return true;
  const name = posix.basename(source);
  return /[*?[]/.test(source) && !(/^[^[]*\.[a-z]+$/i.test(name) && !/[*?[]/.test(posix.dirname(source)));
}

function hasFlag(flags: Instruction['flags'], name: string): boolean {
  return flags.some((flag) => flag.name === name && flag.value !== 'false');
}

/** The requirements in a file that the Dockerfile itself contains. */
function packagesIn(content: string): InstallStep[] {
  return content
    .split('\n')
    .map((line) => line.replace(/(?:^|\s)#.*$/, '').trim())
    .filter((line) => line !== '' && !line.startsWith('-'))
    .map((requirement) => ({ kind: 'package', requirement }));
}
