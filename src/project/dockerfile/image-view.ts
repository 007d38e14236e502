import { posix } from 'node:path';
import { CopiedFiles, type Origin } from './copied-files.js';

/** What the stage knows that an ImageView asks about. */
export interface ViewedStage {
  readonly baseImage: string | undefined;
  readonly files: CopiedFiles;
  readonly parent: ViewedStage | undefined;
  /** Folders and files in the image that something is copied to of which is not known what it is. */
  readonly unknownDestinations: readonly string[];
  /** The text of each RUN so far. */
  readonly scripts: readonly string[];
  readonly movesFiles: boolean;
}

/** The files of an image as one RUN sees them: what is copied later is not there yet. */
export class ImageView {
  /** The image that all of it starts from, as far as it is known. */
  readonly baseImage: string | undefined;
  readonly #files: readonly CopiedFiles[];
  readonly #unknownDestinations: readonly string[];
  readonly #scripts: readonly string[];
  readonly #movesFiles: boolean;

  constructor(stage: ViewedStage, mounted: CopiedFiles, mountedUnknown: readonly string[]) {
    this.baseImage = stage.baseImage;
    const stages = [...lineage(stage)];
    this.#files = [mounted, new CopiedFiles(stage.files)];
    this.#unknownDestinations = [...stages.flatMap((each) => each.unknownDestinations), ...mountedUnknown];
    this.#scripts = stages.flatMap((each) => each.scripts);
    this.#movesFiles = stage.movesFiles;
  }

  origins(path: string): Origin[] {
    return this.#files.flatMap((files) => files.origins(path));
  }

  /** True when something may stand at the path that no COPY tells of. */
  isUnclear(path: string): boolean {
    return (
      this.#movesFiles ||
      this.#unknownDestinations.some((folder) => isWithin(folder, path)) ||
      this.#scripts.some((script) => script.includes(posix.basename(path)))
    );
  }
}

function* lineage(stage: ViewedStage): Generator<ViewedStage> {
  for (let each: ViewedStage | undefined = stage; each !== undefined; each = each.parent) yield each;
}

function isWithin(folder: string, path: string): boolean {
  return folder === '/' || path === folder || path.startsWith(`${folder}/`);
}
