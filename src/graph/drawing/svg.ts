import type { GroupedPipeline } from '../grouping/grouping.js';
import { drawnText } from './drawn-edges.js';
import { layeredLayout, type Box, type Point } from './layered-layout.js';

const ROW = 18;
const PADDING = 10;
const MOST_LETTERS = 44;
/** Nodes shown in one box; the rest are counted. */
const MOST_ROWS = 30;

const STYLE = [
  'text { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; font-size: 12px; fill: #1f2328; }',
  '.name { font-weight: 600; }',
  '.page { fill: #ffffff; }',
  '.group { fill: #eef4ff; stroke: #3b6fd4; }',
  '.dataset { fill: #f6f8fa; stroke: #8c959f; }',
  '.edge { fill: none; stroke: #6e7781; }',
  '.head { fill: #6e7781; }',
  '@media (prefers-color-scheme: dark) {',
  '  text { fill: #e6edf3; }',
  '  .page { fill: #0d1117; }',
  '  .group { fill: #14233f; stroke: #6ea0ff; }',
  '  .dataset { fill: #1b2028; stroke: #7d8590; }',
  '  .edge { stroke: #8d96a0; }',
  '  .head { fill: #8d96a0; }',
  '}',
];

interface DrawnBox extends Box {
  readonly kind: 'group' | 'dataset';
  readonly title: string;
  readonly lines: readonly string[];
}

/** The grouped pipeline as SVG: a box for each container with its nodes, and the datasets that go from one to others. */
export function drawSvg(grouped: GroupedPipeline): string {
  const layers = layersOf(grouped);
  const boxes = [
    ...grouped.groups.map((group): DrawnBox => {
      const nodes = group.nodes.map((node) => node.name);
      const more = nodes.length - MOST_ROWS;
      const rows = more > 1 ? [...nodes.slice(0, MOST_ROWS), `and ${more} more`] : nodes;
      return drawnBox(
        'group',
        `group ${group.name}`,
        layers.get(group.name) ?? 0,
        [group.name, ...(nodes.length === 1 && nodes[0] === group.name ? [] : rows)],
        nodes,
      );
    }),
    ...grouped.crossings.map(({ dataset, from }) =>
      drawnBox('dataset', datasetId(dataset, from), (layers.get(from) ?? 0) + 1, [dataset], [dataset]),
    ),
  ];
  const edges = grouped.crossings.flatMap(({ dataset, from, to }): (readonly [string, string])[] => [
    [`group ${from}`, datasetId(dataset, from)],
    ...to.map((reader) => [datasetId(dataset, from), `group ${reader}`] as const),
  ]);
  const { width, height, middles, bends } = layeredLayout(boxes, edges);
  const byId = new Map(boxes.map((box) => [box.id, box]));
  const drawn = edges.map(([from, to], index) => {
    const [start, end] = [byId.get(from), byId.get(to)];
    if (start === undefined || end === undefined) return '';
    const points = [
      { x: middles.get(from)?.x ?? 0, y: (middles.get(from)?.y ?? 0) + start.height / 2 },
      ...(bends[index] ?? []),
      { x: middles.get(to)?.x ?? 0, y: (middles.get(to)?.y ?? 0) - end.height / 2 - (end.kind === 'group' ? 6 : 0) },
    ];
    return `<path class="edge" d="${curve(points)}"${end.kind === 'group' ? ' marker-end="url(#head)"' : ''}/>`;
  });
  const title = escaped(drawnText(`The pipeline ${grouped.pipeline} as ${grouped.groups.length} containers`, 200));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="title">`,
    `<title id="title">${title}</title>`,
    '<style>',
    ...STYLE,
    '</style>',
    '<defs><marker id="head" viewBox="0 0 8 8" refX="2" refY="4" markerWidth="8" markerHeight="8" orient="auto"><path class="head" d="M0 0 8 4 0 8z"/></marker></defs>',
    `<rect class="page" width="${width}" height="${height}"/>`,
    ...drawn,
    ...boxes.flatMap((box) => boxElements(box, middles.get(box.id) ?? { x: 0, y: 0 })),
    '</svg>',
    '',
  ].join('\n');
}

/** Every second layer has the datasets that the groups before it save. */
function layersOf({ groups }: GroupedPipeline): ReadonlyMap<string, number> {
  const layers = new Map<string, number>();
  for (const { name, dependsOn } of groups)
    layers.set(name, Math.max(0, ...dependsOn.map((other) => (layers.get(other) ?? -2) + 2)));
  return layers;
}

function drawnBox(
  kind: DrawnBox['kind'],
  id: string,
  layer: number,
  texts: readonly string[],
  hover: readonly string[],
): DrawnBox {
  const lines = texts.map((text) => drawnText(text, MOST_LETTERS));
  return {
    kind,
    id,
    layer,
    lines,
    title: hover.map((text) => drawnText(text, 200)).join(', '),
    width: Math.ceil(Math.max(...lines.map(textWidth)) + 2 * PADDING),
    height: lines.length * ROW + PADDING,
  };
}

function boxElements(box: DrawnBox, middle: Point): readonly string[] {
  const [x, y] = [middle.x - box.width / 2, middle.y - box.height / 2];
  const radius = box.kind === 'group' ? 6 : box.height / 2;
  return [
    `<g><title>${escaped(box.title)}</title>`,
    `<rect class="${box.kind}" x="${x}" y="${y}" width="${box.width}" height="${box.height}" rx="${radius}"/>`,
    ...box.lines.map((line, row) => {
      const name = box.kind === 'group' && row === 0 ? ' class="name"' : '';
      return `<text${name} x="${x + PADDING}" y="${y + PADDING / 2 + row * ROW + 13}">${escaped(line)}</text>`;
    }),
    '</g>',
  ];
}

/** From point to point, leaving and arriving vertically. */
function curve(points: readonly Point[]): string {
  return points
    .map(({ x, y }, index) => {
      const before = points[index - 1];
      if (before === undefined) return `M${x} ${y}`;
      const half = (before.y + y) / 2;
      return `C${before.x} ${half} ${x} ${half} ${x} ${y}`;
    })
    .join(' ');
}

/** In pixels, rather too much: a letter of the fonts above has 0.6 em, one of East Asia or a picture 1 to 1.2 em. */
function textWidth(text: string): number {
  let width = 0;
  for (const letter of text) width += (letter.codePointAt(0) ?? 0) < 0x1100 ? 7.5 : 15;
  return width;
}

function datasetId(dataset: string, from: string): string {
  return JSON.stringify(['dataset', dataset, from]);
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

function escaped(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}
