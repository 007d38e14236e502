import type { StateFolder } from '../state-folder.js';
import type { LayerPackages } from './layer-packages.js';

/** To be raised when more is found in a layer than was, so that it is read again. */
const KIND = 'layer-packages-1';

/** The packages in layers, by the digest of each, which never changes: so that none has to be read twice. */
export class KeptPackages {
  constructor(private readonly state: Pick<StateFolder, 'read' | 'write'>) {}

  /** `undefined` for a layer that was never read. */
  async find(digest: string): Promise<LayerPackages | undefined> {
    const note = await this.state.read(KIND, digest);
    return isPackages(note) ? note : undefined;
  }

  /** What cannot be kept is read again next time, so that fails nothing. */
  async remember(digest: string, packages: LayerPackages): Promise<void> {
    // Another Node.js may be able to read it.
    if (!packages.isUnread) await this.state.write(KIND, digest, packages).catch(() => undefined);
  }
}

function isPackages(note: unknown): note is LayerPackages {
  if (typeof note !== 'object' || note === null) return false;
  const { packages, deleted, isUnread } = note as Partial<Record<keyof LayerPackages, unknown>>;
  return isTexts(packages) && isTexts(deleted) && isUnread === false;
}

function isTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every((each) => typeof each === 'string');
}
