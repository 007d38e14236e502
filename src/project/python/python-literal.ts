/** A value of Python source that can be read without running it. `NOT_LITERAL` represents every other expression. */
export type PythonLiteral =
  string | number | boolean | null | typeof NOT_LITERAL | readonly PythonLiteral[] | ReadonlyMap<string, PythonLiteral>;

export const NOT_LITERAL = Symbol('not a literal');

export interface Assignment {
  readonly name: string;
  readonly value: PythonLiteral;
  /** For `X = OmegaConfigLoader` or `X = kedro.config.OmegaConfigLoader`: the last name. */
  readonly reference?: string;
  readonly line: number;
}

interface Token {
  readonly kind: 'name' | 'string' | 'number' | 'operator' | 'newline' | 'other';
  readonly text: string;
  readonly line: number;
  /** True when the token is the first of its line and not indented. */
  readonly startsLine: boolean;
}

const TOKEN =
  /(?<space>[ \t\f]+|\\\r?\n)|(?<comment>#[^\n]*)|(?<newline>\r?\n)|(?<string>[rRbBuUfF]{0,2}(?:"""(?:[^"\\]|\\.|"(?!""))*"""|'''(?:[^'\\]|\\.|'(?!''))*'''|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'))|(?<name>[\p{L}_][\p{L}\p{N}_]*)|(?<number>\d[\d_]*(?:\.\d+)?)|(?<operator>\*\*|[=:,.(){}[\]*-])|(?<other>.)/gsu;

function tokenise(source: string): Token[] {
  const tokens: Token[] = [];
  let line = 1;
  let atStart = true;
  for (const match of source.matchAll(TOKEN)) {
    const [text] = match;
    const groups = match.groups ?? {};
    const kind = (['name', 'string', 'number', 'operator', 'newline', 'other'] as const).find(
      (each) => groups[each] !== undefined,
    );
    if (kind !== undefined) tokens.push({ kind, text, line, startsLine: atStart && kind !== 'newline' });
    atStart = kind === 'newline';
    line += text.split('\n').length - 1;
  }
  return tokens;
}

/**
 * Module-level assignments `NAME = value` in Python source, in order, and every name that occurs at all (so that a
 * caller can tell that a name is also changed in another way). Never throws.
 */
export function readAssignments(source: string): { assignments: Assignment[]; names: ReadonlyMap<string, number> } {
  const tokens = tokenise(source);
  const names = new Map<string, number>();
  const assignments: Assignment[] = [];
  for (const [index, token] of tokens.entries()) {
    if (token.kind !== 'name') continue;
    names.set(token.text, (names.get(token.text) ?? 0) + 1);
    const equals = token.startsLine ? equalsAfter(tokens, index) : undefined;
    if (equals === undefined || tokens[equals + 1]?.text === '=') continue;
    const parser = new Parser(tokens, equals + 1);
    const value = parser.value();
    const isWhole = parser.isAtEnd();
    const reference = referenceAt(tokens, equals + 1);
    assignments.push({
      name: token.text,
      value: isWhole ? value : NOT_LITERAL,
      ...(reference === undefined ? {} : { reference }),
      line: token.line,
    });
  }
  return { assignments, names };
}

/** Of `NAME =` and, with an annotation that is on one line, of `NAME: dict[str, Any] =`. */
function equalsAfter(tokens: readonly Token[], start: number): number | undefined {
  let index = start + 1;
  if (tokens[index]?.text === ':') {
    while (tokens[index] !== undefined && tokens[index]?.kind !== 'newline' && tokens[index]?.text !== '=') index++;
  }
  return tokens[index]?.text === '=' ? index : undefined;
}

function referenceAt(tokens: readonly Token[], start: number): string | undefined {
  let index = start;
  while (tokens[index]?.kind === 'name' && tokens[index + 1]?.text === '.') index += 2;
  const last = tokens[index];
  const after = tokens[index + 1];
  return last?.kind === 'name' && (after === undefined || after.kind === 'newline') ? last.text : undefined;
}

const CLOSING: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' };

/** Deeper nesting is no setting that anybody wrote; it would exhaust the stack. */
const MAXIMUM_DEPTH = 50;

class Parser {
  readonly #tokens: readonly Token[];
  #index: number;
  #depth = 0;

  constructor(tokens: readonly Token[], index: number) {
    this.#tokens = tokens;
    this.#index = index;
  }

  isAtEnd(): boolean {
    const token = this.#tokens[this.#index];
    return token === undefined || token.kind === 'newline';
  }

  value(): PythonLiteral {
    const token = this.#tokens[this.#index];
    if (token?.kind === 'string') return this.#strings();
    if (token?.kind === 'number') {
      this.#index++;
      return Number(token.text.replaceAll('_', ''));
    }
    if (token?.text === '{' || token?.text === '[' || token?.text === '(') return this.#collection(token.text);
    if (token?.kind === 'name' && ['True', 'False', 'None'].includes(token.text)) {
      this.#index++;
      return token.text === 'None' ? null : token.text === 'True';
    }
    return NOT_LITERAL;
  }

  /** Strings that are side by side are one. */
  #strings(): PythonLiteral {
    let text = '';
    let isPlain = true;
    for (; this.#tokens[this.#index]?.kind === 'string'; this.#index++) {
      const [, prefix = '', quote = '', body = ''] =
        /^([a-z]*)("""|'''|"|')(.*)\2$/is.exec(this.#tokens[this.#index]?.text ?? '') ?? [];
      if (/[bf]/i.test(prefix) || quote === '' || (body.includes('\\') && !/r/i.test(prefix))) isPlain = false;
      text += body;
    }
    return isPlain ? text : NOT_LITERAL;
  }

  #collection(open: string): PythonLiteral {
    const close = CLOSING[open] ?? '';
    if (++this.#depth > MAXIMUM_DEPTH) return NOT_LITERAL;
    this.#index++;
    const entries = new Map<string, PythonLiteral>();
    const items: PythonLiteral[] = [];
    let isLiteral = true;
    for (;;) {
      this.#skipNewlines();
      if (this.#text() === close) break;
      if (this.#tokens[this.#index] === undefined) return NOT_LITERAL;
      const key = this.value();
      this.#skipNewlines();
      if (open === '{' && typeof key === 'string' && this.#text() === ':') {
        this.#index++;
        this.#skipNewlines();
        const value = this.value();
        entries.set(key, this.#isAtSeparator(close) ? value : NOT_LITERAL);
      } else {
        items.push(key);
        if (open === '{' || !this.#isAtSeparator(close)) isLiteral = false;
      }
      this.#skipToSeparator(close);
    }
    this.#index++;
    this.#depth--;
    if (!isLiteral) return NOT_LITERAL;
    return open === '{' ? entries : items;
  }

  #isAtSeparator(close: string): boolean {
    this.#skipNewlines();
    return this.#text() === ',' || this.#text() === close;
  }

  /** Over the rest of an expression such as `lambda: [1, 2]`, brackets balanced. */
  #skipToSeparator(close: string): void {
    const expected: string[] = [];
    for (; this.#tokens[this.#index] !== undefined; this.#index++) {
      const text = this.#text();
      if (expected.length === 0 && text === close) return;
      if (expected.length === 0 && text === ',') {
        this.#index++;
        return;
      }
      const closing = this.#tokens[this.#index]?.kind === 'operator' ? CLOSING[text] : undefined;
      if (closing !== undefined) expected.push(closing);
      else if (text === expected.at(-1)) expected.pop();
    }
  }

  #skipNewlines(): void {
    while (this.#tokens[this.#index]?.kind === 'newline') this.#index++;
  }

  #text(): string {
    const token = this.#tokens[this.#index];
    return token === undefined || token.kind === 'string' ? '' : token.text;
  }
}
