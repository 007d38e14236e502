import type { Place } from '../../errors.js';
import { markerApplies, type PythonEnvironment } from './marker.js';
import { parseRequirement, type Requirement } from './requirement.js';

/** One package that one line declares. */
export interface Declaration {
  /** Normalised (PEP 503). */
  readonly name: string;
  readonly specifier: string;
  readonly extras: readonly string[];
  readonly place: Place;
  /** The line installs nothing, it only limits versions (`-c`). */
  readonly isConstraint: boolean;
  /** False when its marker excludes the image's Python or platform. */
  readonly applies: boolean;
  readonly marker?: string;
  /** `extra dev`, `dependency group test`: not installed unless asked for. */
  readonly group?: string;
  /** `x @ git+https://…`: pip calls git to fetch it. */
  readonly isFromGit?: boolean;
  /** The newest version that its line allows is installed, whatever was there. */
  readonly isUpgraded?: boolean;
}

/** A line that pip would refuse, or an include that leads nowhere. */
export interface RequirementsProblem {
  readonly kind: ProblemKind;
  readonly message: string;
  readonly place: Place;
  /** The next step, where it depends on more than the kind. */
  readonly remedy?: string;
}

export type ProblemKind =
  /** pip refuses the line. */
  | 'syntax'
  /** pip refuses the line since 24.1, and took it before. */
  | 'legacy'
  /** Refused in a constraints file: extras, `-e`, an archive without a name. */
  | 'constraint'
  /** The bytes are not in the encoding that pip takes them for. */
  | 'encoding'
  /** It is in a folder of somebody's machine, or exists for another operating system only: pip cannot install it in the image. */
  | 'machine-bound'
  /** A link out of the project, a file that is too large, one that may not be read. */
  | 'unreadable'
  | 'missing-file'
  | 'outside-project'
  /** An include that the Dockerfile does not copy to where pip looks for it. */
  | 'not-copied'
  /** An include that begins with `/`: a path in the image, of which nothing is known here. */
  | 'absolute-path'
  | 'loop'
  /** More than anybody writes; the rest was not read. */
  | 'too-large';

export interface DeclarationContext {
  readonly place: Place;
  readonly environment: PythonEnvironment;
  readonly isConstraint?: boolean;
  readonly group?: string;
}

export async function declare(requirement: Requirement, context: DeclarationContext): Promise<Declaration> {
  const { name, specifier, extras, marker } = requirement;
  return {
    name,
    specifier,
    extras,
    place: context.place,
    isConstraint: context.isConstraint ?? false,
    applies: await markerApplies(marker, context.environment),
    ...(requirement.url?.startsWith('git+') === true ? { isFromGit: true } : {}),
    ...(marker === undefined ? {} : { marker: marker.text }),
    ...(context.group === undefined ? {} : { group: context.group }),
  };
}

/** `undefined` for text that is no requirement. */
export async function parseDeclaration(text: string, context: DeclarationContext): Promise<Declaration | undefined> {
  const requirement = parseRequirement(text);
  return requirement === undefined ? undefined : declare(requirement, context);
}
