/** One challenge of a WWW-Authenticate header (RFC 9110, 11.6.1): `Bearer realm="https://…",service="…",scope="…"`. */
export interface Challenge {
  /** In lower case: `bearer`, `basic`. */
  readonly scheme: string;
  /** Names in lower case. */
  readonly parameters: Readonly<Record<string, string>>;
}

/** One that kdeploy can answer. */
export interface KnownChallenge extends Challenge {
  readonly scheme: 'basic' | 'bearer';
}

const TOKEN = /[!#$%&'*+.^_`|~0-9A-Za-z-]+/y;
const PARAMETER = /([!#$%&'*+.^_`|~0-9A-Za-z-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]*))/y;
const SEPARATOR = /[\s,]+/y;

/**
 * Reads all challenges of a header. Commas separate challenges and parameters alike, so a name is a parameter when `=`
 * follows and a scheme otherwise. Garbage ends the reading; what stood before it is kept.
 */
export function parseChallenges(header: string): Challenge[] {
  const challenges: { scheme: string; parameters: Record<string, string> }[] = [];
  let position = 0;
  const match = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = position;
    const found = pattern.exec(header);
    if (found !== null) position = pattern.lastIndex;
    return found;
  };
  for (;;) {
    if (match(SEPARATOR)) continue;
    const parameter = match(PARAMETER);
    if (parameter !== null) {
      const [, name = '', quoted, plain = ''] = parameter;
      const current = challenges.at(-1);
      if (current === undefined) break;
      // The first of a repeated parameter counts: a later one must not redirect where the password goes.
      current.parameters[name.toLowerCase()] ??= quoted === undefined ? plain : quoted.replace(/\\(.)/g, '$1');
      continue;
    }
    const scheme = match(TOKEN);
    if (scheme === null) break;
    challenges.push({ scheme: scheme[0].toLowerCase(), parameters: Object.create(null) as Record<string, string> });
  }
  return challenges;
}

/** The challenge to answer: Bearer before Basic, for it keeps the password away from the registry itself. */
export function pickChallenge(header: string | null): KnownChallenge | undefined {
  const challenges = parseChallenges(header ?? '');
  for (const scheme of ['bearer', 'basic'] as const) {
    const challenge = challenges.find((one) => one.scheme === scheme);
    if (challenge !== undefined) return { ...challenge, scheme };
  }
  return undefined;
}
