import { inByteOrder } from './byte-order.js';

/** A line of RECORD (https://packaging.python.org/en/latest/specifications/recording-installed-packages/). */
export interface RecordRow {
  /** Relative to site-packages. */
  readonly path: string;
  /** `sha256=…`, in base64 for URLs and without padding; empty: not known. */
  readonly hash: string;
  readonly size: string;
}

/** RECORD's rows by path; of two for one path the first counts, as in uv. */
export function parseRecord(text: string): Map<string, RecordRow> {
  const rows = new Map<string, RecordRow>();
  for (const [written = '', hash = '', size = ''] of parseRows(text)) {
    // Wheels of selenium had absolute paths; others begin with `./`.
    const path = written
      .split('/')
      .filter((part) => part !== '' && part !== '.')
      .join('/');
    if (!rows.has(path)) rows.set(path, { path, hash, size });
  }
  return rows;
}

/** As uv writes it, sorted: the csv module's rules, with line feeds. */
export function formatRecord(rows: readonly RecordRow[]): string {
  return rows
    .toSorted((one, other) => inByteOrder(one.path, other.path))
    .map(({ path, hash, size }) => `${[path, hash, size].map(quoted).join(',')}\n`)
    .join('');
}

function quoted(field: string): string {
  return /[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field;
}

/** As Python's csv module reads them: a quote counts at the start of a field only. */
function* parseRows(text: string): Generator<string[]> {
  const field = /(?:"((?:[^"]|"")*)"?([^,\r\n]*)|([^,\r\n]*))(,|\r\n|\r|\n|$)/y;
  let row: string[] = [];
  for (field.lastIndex = 0; field.lastIndex < text.length;) {
    const [, inQuotes, behindThem = '', plain = '', separator] = field.exec(text) ?? [];
    row.push(inQuotes === undefined ? plain : inQuotes.replaceAll('""', '"') + behindThem);
    if (separator === ',' && field.lastIndex < text.length) continue;
    if (row.length > 1 || row[0] !== '') yield row;
    row = [];
  }
}
