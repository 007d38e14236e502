/** The values of ARG and ENV at one point of a Dockerfile. */
export type Variables = ReadonlyMap<string, string>;

const VARIABLE = /\\\$|\$(?:(?<plain>\w+)|\{(?<braced>\w+)(?::(?<modifier>[-+])(?<word>[^}]*))?\})/g;

/**
 * Replaces `$NAME`, `${NAME}`, `${NAME:-default}` and `${NAME:+other}` (docs.docker.com, "Environment replacement").
 * `undefined` when a variable has no known value: it comes from the base image or a --build-arg.
 */
export function expand(text: string, variables: Variables): string | undefined {
  const pieces: string[] = [];
  let end = 0;
  for (const match of text.matchAll(VARIABLE)) {
    const value = match[0] === '\\$' ? '$' : valueOf(match.groups ?? {}, variables);
    if (value === undefined) return undefined;
    pieces.push(text.slice(end, match.index), value);
    end = match.index + match[0].length;
  }
  return [...pieces, text.slice(end)].join('');
}

function valueOf(
  { plain, braced, modifier, word = '' }: Readonly<Record<string, string | undefined>>,
  variables: Variables,
): string | undefined {
  const value = variables.get(plain ?? braced ?? '');
  const isSet = value !== undefined && value !== '';
  if (modifier === '+') return isSet ? expand(word, variables) : '';
  if (modifier === '-') return isSet ? value : expand(word, variables);
  return value;
}
