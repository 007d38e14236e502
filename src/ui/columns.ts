/** Rows of a name and a value, the values in one column. Rows whose value is `null` are left out. */
export function columns(rows: readonly (readonly [name: string, value: string | null])[], indent = ''): string {
  const shown = rows.filter((row): row is [string, string] => row[1] !== null);
  const width = Math.max(0, ...shown.map(([name]) => name.length));
  return shown.map(([name, value]) => `${indent}${name.padEnd(width)}  ${value}`).join('\n');
}

/** Bytes as people read them, in powers of a thousand as docker shows them: `918 MB`. */
export function bytesText(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 || value >= 10 ? Math.round(value) : value.toFixed(1)} ${units[unit] ?? ''}`;
}
