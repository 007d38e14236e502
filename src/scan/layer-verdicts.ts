import type { StateFolder } from '../state-folder.js';
import type { LayerContents } from './image-secrets.js';

/** To be raised when scans find more than they did, so that what was called clean is scanned again. */
const KIND = 'layer-scan-2';

/**
 * What scans found in layers, by diff ID: a layer never changes, so that no layer has to be read twice, and a push knows
 * what `kdeploy check --image` found. Paths and reasons only, never a secret.
 */
export class LayerVerdicts {
  constructor(private readonly state: Pick<StateFolder, 'read' | 'write'>) {}

  /** `undefined` for a layer that was never scanned. */
  async find(diffId: string): Promise<LayerContents | undefined> {
    const note = await this.state.read(KIND, diffId);
    return isContents(note) ? note : undefined;
  }

  /** A verdict that cannot be kept is found again next time, so that fails nothing. */
  async remember(diffId: string, contents: LayerContents): Promise<void> {
    // Another Node.js may be able to read it.
    if (!contents.isUnread) await this.state.write(KIND, diffId, contents).catch(() => undefined);
  }
}

function isContents(note: unknown): note is LayerContents {
  if (typeof note !== 'object' || note === null) return false;
  const { files, repositories, deleted } = note as Partial<Record<keyof LayerContents, unknown>>;
  return Array.isArray(files) && Array.isArray(repositories) && Array.isArray(deleted);
}
