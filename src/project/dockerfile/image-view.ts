import { posix } from 'node:path';
import { CopiedFiles, type CopySource } from './copied-files.js';

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

/**
 * The files of an image as one RUN sees them: what is copied later is not there yet. Made for each RUN and hardly ever
 * asked, so it remembers how far the stage was, and copies nothing.
 */
export class ImageView {
  readonly #stage: ViewedStage;
  readonly #mounted: CopiedFiles;
  readonly #mountedUnknown: readonly string[];
  readonly #files: CopiedFiles;
  readonly #destinations: number;
  readonly #scripts: number;
  readonly #movesFiles: boolean;

  constructor(stage: ViewedStage, mounted: CopiedFiles, mountedUnknown: readonly string[]) {
    this.#stage = stage;
    this.#mounted = mounted;
    this.#mountedUnknown = mountedUnknown;
    this.#files = new CopiedFiles(stage.files);
    this.#destinations = stage.unknownDestinations.length;
    this.#scripts = stage.scripts.length;
    this.#movesFiles = stage.movesFiles;
  }

  /** The image that all of it starts from, as far as it is known. */
  get baseImage(): string | undefined {
    return this.#stage.baseImage;
  }

  origins(path: string): CopySource[] {
    return [this.#mounted, this.#files].flatMap((files) => files.origins(path));
  }

  /** True when something may be at the path that no COPY shows. */
  isUnclear(path: string): boolean {
    if (this.#movesFiles || this.#mountedUnknown.some((folder) => isWithin(folder, path))) return true;
    const name = posix.basename(path);
    for (const stage of lineage(this.#stage)) {
      const isSame = stage === this.#stage;
      const destinations = stage.unknownDestinations.slice(0, isSame ? this.#destinations : undefined);
      const scripts = stage.scripts.slice(0, isSame ? this.#scripts : undefined);
      if (destinations.some((folder) => isWithin(folder, path)) || scripts.some((script) => script.includes(name)))
        return true;
    }
    return false;
  }
}

function* lineage(stage: ViewedStage): Generator<ViewedStage> {
  for (let each: ViewedStage | undefined = stage; each !== undefined; each = each.parent) yield each;
}

function isWithin(folder: string, path: string): boolean {
  return folder === '/' || path === folder || path.startsWith(`${folder}/`);
}
