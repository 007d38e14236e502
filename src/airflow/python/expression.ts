import { pyString } from './string.js';

/** Ruff's default. */
export const LINE_LENGTH = 88;

/** A piece of Python: an atom on one line, or brackets around items. */
export type Expression = string | Brackets;

export interface Brackets {
  /** `[`, `{`, `(`, or a call's `name(`. */
  readonly open: string;
  readonly items: readonly Item[];
  readonly close: string;
}

export interface Item {
  /** `"key": `, `name=` or nothing. */
  readonly prefix: string;
  readonly value: Expression;
}

export const list = (values: readonly Expression[]): Brackets => ({
  open: '[',
  items: values.map((value) => ({ prefix: '', value })),
  close: ']',
});

/** `name(a, b, key=value, **options)`; arguments that are `undefined` are left out. */
export function call(
  name: string,
  positional: readonly Expression[],
  named: Readonly<Record<string, Expression | undefined>> = {},
  unpacked: readonly string[] = [],
): Brackets {
  return {
    open: `${name}(`,
    items: [
      ...positional.map((value) => ({ prefix: '', value })),
      ...Object.entries(named).flatMap(([key, value]) => (value === undefined ? [] : [{ prefix: `${key}=`, value }])),
      ...unpacked.map((options) => ({ prefix: '**', value: options })),
    ],
    close: ')',
  };
}

/** A dictionary, in the given order; what is `undefined` is left out. */
export function dictionary(
  entries: Readonly<Record<string, Expression | undefined>>,
  unpacked: readonly string[] = [],
): Brackets {
  return {
    open: '{',
    items: [
      ...unpacked.map((options) => ({ prefix: '**', value: options })),
      ...Object.entries(entries).flatMap(([key, value]) =>
        value === undefined ? [] : [{ prefix: `${pyString(key)}: `, value }],
      ),
    ],
    close: '}',
  };
}

/** A value as JSON has it, as a Python literal. */
export function literal(value: unknown): Expression {
  if (value === null || value === undefined) return 'None';
  if (typeof value === 'string') return pyString(value);
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'number' || typeof value === 'bigint') return pyNumber(value);
  if (Array.isArray(value)) return list(value.map(literal));
  if (value instanceof Date) return pyString(value.toISOString());
  if (typeof value === 'object') {
    return dictionary(Object.fromEntries(Object.entries(value).map(([key, item]) => [key, literal(item)])));
  }
  throw new TypeError(`a ${typeof value} has no literal in Python`);
}

function pyNumber(value: number | bigint): string {
  if (typeof value === 'number' && !Number.isFinite(value)) return `float("${String(value).toLowerCase()}")`;
  return String(value).replace('e+', 'e');
}

/**
 * The expression as ruff's formatter lays it out: on one line where it fits, else an item a line, with a comma behind the
 * last, which makes ruff keep it so. `column` is where it begins, `after` what follows it on its last line.
 */
export function print(expression: Expression, indent: number, column: number, after = 0): string {
  if (typeof expression === 'string') return expression;
  const flat = flatten(expression);
  if (column + width(flat) + after <= LINE_LENGTH || expression.items.length === 0) return flat;
  const inner = indent + 4;
  const lines = expression.items.map(({ prefix, value }) => {
    const text = print(value, inner, inner + width(prefix), 1);
    return `${' '.repeat(inner)}${prefix}${text},`;
  });
  return [expression.open, ...lines, ' '.repeat(indent) + expression.close].join('\n');
}

/** `target = value`, with brackets around a string that only fits on a line of its own. */
export function assignment(target: string, value: Expression, indent = 0): string {
  const begin = `${' '.repeat(indent)}${target} = `;
  if (
    typeof value === 'string' &&
    width(begin) + width(value) > LINE_LENGTH &&
    indent + 4 + width(value) <= LINE_LENGTH
  ) {
    return `${begin}(\n${' '.repeat(indent + 4)}${value}\n${' '.repeat(indent)})`;
  }
  return begin + print(value, indent, width(begin));
}

/** An expression as a statement, with what stands before and behind it on its lines: `with DAG(…) as dag:`. */
export function statement(value: Expression, indent = 0, before = '', after = ''): string {
  const begin = ' '.repeat(indent) + before;
  return begin + print(value, indent, width(begin), width(after)) + after;
}

function flatten(expression: Expression): string {
  if (typeof expression === 'string') return expression;
  const items = expression.items.map(({ prefix, value }) => prefix + flatten(value));
  return expression.open + items.join(', ') + expression.close;
}

/** At least what ruff counts: some characters are two columns wide, and a broken line stays broken. */
function width(text: string): number {
  let columns = 0;
  for (const character of text) columns += (character.codePointAt(0) ?? 0) < 0x80 ? 1 : 2;
  return columns;
}
