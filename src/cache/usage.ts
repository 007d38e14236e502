import type { CacheEntry } from './file-cache.js';

/** How much of one kind: wheels, layers, environments, … */
export interface KindUsage {
  readonly kind: string;
  readonly entries: number;
  readonly bytes: number;
}

export interface CacheUsage {
  /** By name. */
  readonly kinds: readonly KindUsage[];
  readonly entries: number;
  readonly bytes: number;
}

export function usageOf(entries: readonly CacheEntry[]): CacheUsage {
  const kinds = new Map<string, KindUsage>();
  for (const { kind, bytes } of entries) {
    const before = kinds.get(kind);
    kinds.set(kind, { kind, entries: (before?.entries ?? 0) + 1, bytes: (before?.bytes ?? 0) + bytes });
  }
  return {
    kinds: [...kinds.values()].sort((one, other) => (one.kind < other.kind ? -1 : 1)),
    entries: entries.length,
    bytes: entries.reduce((sum, { bytes }) => sum + bytes, 0),
  };
}
