/** A part of a string: text as written, or something to be looked up. */
export type Part =
  | { readonly kind: 'text'; readonly text: string }
  /** `${a.b}` counts from the root (0 dots), `${.b}` from where the string is, `${..b}` from one further up. */
  | { readonly kind: 'node'; readonly dots: number; readonly keys: readonly string[] }
  /** `${globals:a.b, default}`, `${runtime_params:a, default}` */
  | {
      readonly kind: 'globals' | 'runtime_params';
      readonly keys: readonly string[];
      readonly otherwise: { readonly value: string | boolean | bigint | null } | undefined;
    }
  /** `${oc.env:HOME}`: Kedro takes this resolver away everywhere but in credentials. */
  | { readonly kind: 'oc.env' };

const KEY = '[A-Za-z_][A-Za-z0-9_]*(?:-[A-Za-z0-9_]+)*';
const INTERPOLATION = new RegExp(
  '\\$\\{ *(?:' +
    `(?<dots>\\.*)(?<path>${KEY}(?:\\.${KEY})*)` +
    `|(?<resolver>globals|runtime_params) *: *(?<key>${KEY}(?:\\.${KEY})*)(?: *, *(?<default>[^,{}\\[\\]()$\\\\\\s'"]+|'[^'"$\\\\]*'|"[^'"$\\\\]*"))?` +
    '|(?<env>oc\\.env) *:[^{}$]*' +
    ') *\\}',
  'y',
);

/** Words that OmegaConf reads as something other than text, in the places where a key may be. */
const NOT_TEXT = /^(?:null|true|false|nan|inf)$/i;

/**
 * Takes a string with `${…}` apart: the forms that mean the same in every version of OmegaConf that Kedro has used.
 * `undefined` for every other (custom resolvers, nesting, brackets, escapes): only the project's own Kedro knows those.
 */
export function parseInterpolation(text: string): readonly Part[] | undefined {
  if (text.includes('\\') || text.includes('$$')) return undefined;
  const parts: Part[] = [];
  let index = 0;
  while (index < text.length) {
    const start = text.indexOf('${', index);
    const end = start < 0 ? text.length : start;
    if (end > index) parts.push({ kind: 'text', text: text.slice(index, end) });
    if (start < 0) break;
    INTERPOLATION.lastIndex = start;
    const match = INTERPOLATION.exec(text);
    const part = match === null ? undefined : toPart(match.groups ?? {});
    if (match === null || part === undefined) return undefined;
    parts.push(part);
    index = start + match[0].length;
  }
  return parts;
}

function toPart(groups: Partial<Record<string, string>>): Part | undefined {
  const { dots = '', path, resolver, key, env } = groups;
  if (env !== undefined) return { kind: 'oc.env' };
  const keys = (path ?? key ?? '').split('.');
  if (keys.some((each) => NOT_TEXT.test(each))) return undefined;
  if (path !== undefined) return { kind: 'node', dots: dots.length, keys };
  // Kedro keeps these from being looked up at all.
  if (keys[0]?.startsWith('_') === true) return undefined;
  const otherwise = groups.default === undefined ? undefined : literal(groups.default);
  if (groups.default !== undefined && otherwise === undefined) return undefined;
  return { kind: resolver === 'globals' ? 'globals' : 'runtime_params', keys, otherwise };
}

function literal(text: string): { value: string | boolean | bigint | null } | undefined {
  if (/^['"]/.test(text)) return { value: text.slice(1, -1) };
  if (/^null$/i.test(text)) return { value: null };
  if (/^(?:true|false)$/i.test(text)) return { value: text.toLowerCase() === 'true' };
  if (/^-?(?:0|[1-9][0-9]*)$/.test(text)) return { value: BigInt(text) };
  // What starts with a letter cannot be a number, apart from these two.
  return /^[A-Za-z_][\w/:.%+*@?|-]*$/.test(text) && !/^(?:nan|inf)/i.test(text) ? { value: text } : undefined;
}
