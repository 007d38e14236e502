import type { ProjectSource } from '../project/sources/source.js';
import type { FileChange } from './file-change.js';

/** A project as it would be with some changes, none of them made yet. */
export class Overlay implements ProjectSource {
  readonly #below: ProjectSource;
  readonly #changes = new Map<string, FileChange>();

  constructor(below: ProjectSource) {
    this.#below = below;
  }

  /** One for each file, however many fixes it took. */
  get changes(): FileChange[] {
    return [...this.#changes.values()];
  }

  copy(): Overlay {
    const copy = new Overlay(this.#below);
    for (const change of this.changes) copy.add(change);
    return copy;
  }

  add(change: FileChange): void {
    const { before } = this.#changes.get(change.file) ?? change;
    this.#changes.set(change.file, { ...change, before });
  }

  read(path: string): Promise<Buffer | undefined> {
    const change = this.#changes.get(path);
    return change === undefined ? this.#below.read(path) : Promise.resolve(change.after);
  }

  async list(folder: string, skip?: (folder: string) => boolean): Promise<string[]> {
    const below = await this.#below.list(folder, skip);
    const prefix = folder === '' ? '' : `${folder}/`;
    const added = [...this.#changes.keys()].filter((file) => file.startsWith(prefix));
    return [...new Set([...below, ...added])].sort();
  }
}
