import { isVersionClause } from './version-clause.js';

/** `python_version >= "3.10" and (sys_platform == "linux" or extra == "x")`, as a tree. */
export type MarkerTree = MarkerComparison | MarkerNode;

export interface MarkerNode {
  readonly kind: 'and' | 'or';
  readonly parts: readonly MarkerTree[];
}

export interface MarkerComparison {
  readonly kind: 'comparison';
  readonly left: MarkerOperand;
  /** `==`, `not in`, … */
  readonly operator: string;
  readonly right: MarkerOperand;
}

/** A quoted text, or the name of a variable with underscores: `os_name`. */
export interface MarkerOperand {
  readonly kind: 'text' | 'variable';
  readonly value: string;
}

/** The variables that hold versions; everything else is compared as text, where less and greater are never true. */
export const VERSION_VARIABLES: ReadonlySet<string> = new Set([
  'implementation_version',
  'platform_release',
  'python_full_version',
  'python_version',
]);

/** Python's own parser gives up near 490 brackets in one another; a recursion without an end would end the process. */
const MAXIMUM_DEPTH = 200;

const SPACE = /[ \t]*/y;
const VARIABLE =
  /(?:python_version|python_full_version|os[._]name|sys[._]platform|platform_(?:release|system)|platform[._](?:version|machine|python_implementation)|python_implementation|implementation_(?:name|version)|extras?|dependency_groups)(?!\w)/y;
const QUOTED = /'[^']*'|"[^"]*"/y;
const OPERATOR = /===|==|~=|!=|<=|>=|<|>|in(?!\w)|not[ \t]+in(?!\w)/y;
const AND_OR = /(?:and|or)(?!\w)/y;

/** The grammar of PEP 508 as packaging reads it (packaging/_parser.py). `undefined` for what it does not allow. */
export function parseMarker(text: string): MarkerTree | undefined {
  let position = 0;
  const tree = expression(0);
  return position === text.length ? tree : undefined;

  function take(pattern: RegExp): string | undefined {
    pattern.lastIndex = position;
    const match = pattern.exec(text);
    if (match === null) return undefined;
    position = pattern.lastIndex;
    return match[0];
  }

  /** `and` binds closer than `or`. */
  function expression(depth: number): MarkerTree | undefined {
    const alternatives: MarkerTree[][] = [[]];
    for (;;) {
      const part = atom(depth);
      if (part === undefined) return undefined;
      alternatives.at(-1)?.push(part);
      const word = take(AND_OR);
      if (word === undefined)
        return node(
          'or',
          alternatives.map((parts) => node('and', parts)),
        );
      if (word === 'or') alternatives.push([]);
    }
  }

  function atom(depth: number): MarkerTree | undefined {
    take(SPACE);
    const part = text[position] === '(' ? inBrackets(depth) : comparison();
    take(SPACE);
    return part;
  }

  function inBrackets(depth: number): MarkerTree | undefined {
    if (depth >= MAXIMUM_DEPTH) return undefined;
    position++;
    const inside = expression(depth + 1);
    if (text[position] !== ')') return undefined;
    position++;
    return inside;
  }

  function comparison(): MarkerTree | undefined {
    const left = operand();
    take(SPACE);
    const operator = take(OPERATOR);
    take(SPACE);
    const right = operand();
    if (left === undefined || operator === undefined || right === undefined) return undefined;
    // The grammar allows two texts, and then pip fails on the question what the first one is.
    if (left.kind === 'text' && right.kind === 'text') return undefined;
    if (operator === '~=' && !holdsVersion(right)) return undefined;
    return { kind: 'comparison', left, operator: operator.startsWith('not') ? 'not in' : operator, right };
  }

  function operand(): MarkerOperand | undefined {
    const variable = take(VARIABLE);
    if (variable !== undefined) {
      const name = variable.replace('.', '_');
      return { kind: 'variable', value: name === 'python_implementation' ? `platform_${name}` : name };
    }
    const quoted = take(QUOTED);
    return quoted === undefined ? undefined : { kind: 'text', value: quoted.slice(1, -1) };
  }
}

/** Of what `~=` compares with; pip stops at a text that is none. */
function holdsVersion({ kind, value }: MarkerOperand): boolean {
  return kind === 'variable' ? VERSION_VARIABLES.has(value) : isVersionClause(`~=${value}`);
}

function node(kind: 'and' | 'or', parts: readonly MarkerTree[]): MarkerTree {
  const [only] = parts;
  return only !== undefined && parts.length === 1 ? only : { kind, parts };
}
