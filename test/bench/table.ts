/** One line of the table: a measured number, what it is held against, and the target of docs/architecture. */
export interface Row {
  readonly what: string;
  readonly measured: string;
  readonly against: string;
  readonly result: string;
  readonly target: string;
  /** Left out where there is no target. */
  readonly isMet?: boolean;
}

export function ratioRow(
  what: string,
  milliseconds: number,
  other: [name: string, milliseconds: number],
  target: number,
): Row {
  const ratio = milliseconds / other[1];
  const text = (value: number): string => (value < 1 ? `1/${(1 / value).toFixed(1)}` : `${value.toFixed(2)}x`);
  return {
    what,
    measured: time(milliseconds),
    against: `${other[0]}: ${time(other[1])}`,
    result: text(ratio),
    target: `<= ${text(target)}`,
    isMet: ratio <= target,
  };
}

export function time(milliseconds: number): string {
  return milliseconds < 1000 ? `${milliseconds.toFixed(0)} ms` : `${(milliseconds / 1000).toFixed(2)} s`;
}

export function table(rows: readonly Row[]): string {
  const cells = [
    ['what', 'measured', 'against', 'result', 'target', ''],
    ...rows.map(({ what, measured, against, result, target, isMet }) => [
      what,
      measured,
      against,
      result,
      target,
      isMet === undefined ? '' : isMet ? 'met' : 'MISSED',
    ]),
  ];
  const widths = cells[0]!.map((_, column) => Math.max(...cells.map((line) => line[column]!.length)));
  return cells
    .map((line) =>
      line
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
