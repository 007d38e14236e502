/** Something to place, from top to bottom behind what it is reached from. */
export interface Box {
  readonly id: string;
  readonly layer: number;
  readonly width: number;
  readonly height: number;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Layout {
  readonly width: number;
  readonly height: number;
  /** The middle of each box, by ID. */
  readonly middles: ReadonlyMap<string, Point>;
  /** For each edge, in order, the points between its boxes that lead it past the others. */
  readonly bends: readonly (readonly Point[])[];
}

const GAP_X = 24;
const GAP_Y = 36;
/** Room that an edge takes where it passes a layer. */
const PASSAGE = 0;
/** With more passages than that, edges go straight: nobody follows them any more. */
const MOST_PASSAGES = 4000;
const SWEEPS = 24;

interface Slot {
  readonly id: string;
  readonly width: number;
  readonly height: number;
  readonly above: string[];
  readonly below: string[];
  x: number;
}

/**
 * A small layered layout (after Sugiyama): edges over several layers get a passage in each, the order within a layer
 * follows the mean of the neighbours, and so do the places. The same input gives the same picture.
 */
export function layeredLayout(boxes: readonly Box[], edges: readonly (readonly [from: string, to: string])[]): Layout {
  const layers: Slot[][] = [];
  const slots = new Map<string, Slot>();
  const place = (id: string, layer: number, width: number, height: number): Slot => {
    const slot = { id, width, height, above: [], below: [], x: 0 };
    slots.set(id, slot);
    while (layers.length <= layer) layers.push([]);
    layers[layer]?.push(slot);
    return slot;
  };
  const layerOf = new Map(boxes.map((box) => [box.id, box.layer]));
  for (const box of boxes) place(box.id, box.layer, box.width, box.height);

  const spans = edges.map(([from, to]) => (layerOf.get(to) ?? 0) - (layerOf.get(from) ?? 0));
  const withPassages = spans.reduce((sum, span) => sum + Math.max(0, span - 1), 0) <= MOST_PASSAGES;
  const passages = edges.map(([from, to], index): readonly string[] => {
    const span = spans[index] ?? 0;
    if (span < 1 || (span > 1 && !withPassages)) return [];
    const way = [from];
    for (let step = 1; step < span; step++)
      way.push(place(`edge ${index} ${step}`, (layerOf.get(from) ?? 0) + step, PASSAGE, 0).id);
    way.push(to);
    for (const [step, id] of way.slice(1).entries()) {
      slots.get(way[step] ?? '')?.below.push(id);
      slots.get(id)?.above.push(way[step] ?? '');
    }
    return way.slice(1, -1);
  });

  arrange(layers, slots);
  return measure(layers, slots, passages);
}

function arrange(layers: Slot[][], slots: ReadonlyMap<string, Slot>): void {
  for (const layer of layers) spread(layer, () => undefined);
  const meanOf = (ids: readonly string[]): number | undefined =>
    ids.length === 0 ? undefined : ids.reduce((sum, id) => sum + (slots.get(id)?.x ?? 0), 0) / ids.length;
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    const down = sweep % 2 === 0;
    for (const layer of down ? layers : layers.toReversed()) {
      const wish = (slot: Slot): number | undefined => meanOf(down ? slot.above : slot.below);
      // The last sweeps keep the order and only move.
      if (sweep < SWEEPS - 2) {
        const wishes = new Map(layer.map((slot) => [slot, wish(slot) ?? slot.x]));
        layer.sort((a, b) => (wishes.get(a) ?? 0) - (wishes.get(b) ?? 0));
      }
      spread(layer, wish);
    }
  }
}

/** Places as near to the wishes as the widths allow, in the given order. */
function spread(layer: readonly Slot[], wish: (slot: Slot) => number | undefined): void {
  let end = -Infinity;
  let gap = 0;
  let moved = 0;
  for (const slot of layer) {
    const wanted = wish(slot) ?? slot.x;
    // Lines may come nearer to each other than boxes.
    const own = slot.height === 0 ? GAP_X / 4 : GAP_X / 2;
    slot.x = Math.max(wanted, end + gap + own + slot.width / 2);
    gap = own;
    end = slot.x + slot.width / 2;
    moved += slot.x - wanted;
  }
  // All were pushed to the right: half of that back.
  const back = layer.length === 0 ? 0 : moved / layer.length;
  for (const slot of layer) slot.x -= back;
}

function measure(
  layers: readonly (readonly Slot[])[],
  slots: ReadonlyMap<string, Slot>,
  passages: readonly (readonly string[])[],
): Layout {
  const all = [...slots.values()];
  const left = Math.min(0, ...all.map((slot) => slot.x - slot.width / 2));
  const points = new Map<string, Point>();
  let top = GAP_Y;
  for (const layer of layers) {
    const height = Math.max(0, ...layer.map((slot) => slot.height));
    for (const slot of layer)
      points.set(slot.id, { x: Math.round(slot.x - left + GAP_X), y: Math.round(top + height / 2) });
    top += height + GAP_Y;
  }
  const width = Math.max(0, ...all.map((slot) => (points.get(slot.id)?.x ?? 0) + slot.width / 2));
  return {
    width: Math.ceil(width + GAP_X),
    height: Math.ceil(top),
    middles: points,
    bends: passages.map((ids) => ids.flatMap((id) => points.get(id) ?? [])),
  };
}
