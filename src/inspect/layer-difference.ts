import type { LayerDescription } from './image-description.js';

/** A layer, and what it is known by wherever it is: the same files, compressed in another way, are the same layer. */
export interface ComparedLayer extends LayerDescription {
  readonly diffId: string;
}

export interface LayerDifference {
  /** As the first image has them. */
  readonly shared: readonly LayerDescription[];
  readonly onlyInA: readonly LayerDescription[];
  readonly onlyInB: readonly LayerDescription[];
  /** Whether the shared layers are in another order in the second image. */
  readonly reordered: boolean;
}

/** How many layers, from the lowest on, are the same in both. */
export function commonBase(
  a: readonly Pick<ComparedLayer, 'diffId'>[],
  b: readonly Pick<ComparedLayer, 'diffId'>[],
): number {
  const end = Math.min(a.length, b.length);
  for (let at = 0; at < end; at++) if (a[at]?.diffId !== b[at]?.diffId) return at;
  return end;
}

export function layerDifference(a: readonly ComparedLayer[], b: readonly ComparedLayer[]): LayerDifference {
  const bottom = commonBase(a, b);
  const [restOfA, restOfB] = [a.slice(bottom), b.slice(bottom)];
  // The top as well: a layer may be there twice, as the empty one is in many images.
  const top = commonBase(restOfA.toReversed(), restOfB.toReversed());
  const [middleOfA, middleOfB] = [restOfA, restOfB].map((rest) => rest.slice(0, rest.length - top)) as [
    ComparedLayer[],
    ComparedLayer[],
  ];
  const [inA, inB] = [divided(middleOfA, middleOfB), divided(middleOfB, middleOfA)];
  return {
    shared: [...a.slice(0, bottom), ...inA.shared, ...restOfA.slice(middleOfA.length)].map(described),
    onlyInA: inA.own.map(described),
    onlyInB: inB.own.map(described),
    reordered: inA.shared.some(({ diffId }, index) => diffId !== inB.shared[index]?.diffId),
  };
}

/** A layer that is there more often than in the other image is shared as often as it is in both. */
function divided(
  layers: readonly ComparedLayer[],
  others: readonly ComparedLayer[],
): { readonly shared: ComparedLayer[]; readonly own: ComparedLayer[] } {
  const left = new Map<string, number>();
  for (const { diffId } of others) left.set(diffId, (left.get(diffId) ?? 0) + 1);
  const [shared, own]: [ComparedLayer[], ComparedLayer[]] = [[], []];
  for (const layer of layers) {
    const count = left.get(layer.diffId) ?? 0;
    (count > 0 ? shared : own).push(layer);
    left.set(layer.diffId, count - 1);
  }
  return { shared, own };
}

function described({ digest, size, madeBy }: ComparedLayer): LayerDescription {
  return { digest, size, madeBy };
}
