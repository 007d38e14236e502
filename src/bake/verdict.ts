/** A self-test that passed, and all that it rests on. */
export interface Verdict {
  /** selfTestKey's. */
  readonly key: string;
  /** The SHA-256 of each of the project's Python files that Kedro read while starting; `null`: it was not there. */
  readonly files: Readonly<Record<string, string | null>>;
}

/** The same bytes for the same verdict, so that a registry which has them need not be sent them again. */
export function formatVerdict({ key, files }: Verdict): Buffer {
  const sorted = Object.entries(files).sort(([one], [other]) => (one < other ? -1 : 1));
  return Buffer.from(JSON.stringify({ key, files: Object.fromEntries(sorted) }));
}

/** `undefined` for anything else: others may have written it. */
export function parseVerdict(bytes: Buffer): Verdict | undefined {
  try {
    return verdictIn(JSON.parse(bytes.toString('utf8')));
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

export function verdictIn(value: unknown): Verdict | undefined {
  if (!isObject(value)) return undefined;
  const { key, files } = value;
  if (typeof key !== 'string' || !isObject(files)) return undefined;
  const areFiles = Object.entries(files).every(([path, digest]) => isInProject(path) && isDigestOrNull(digest));
  return areFiles ? { key, files: files as Verdict['files'] } : undefined;
}

/** Nobody may ask whether a file outside of the project has this content. */
function isInProject(path: string): boolean {
  return path !== '' && !/^\/|\0/.test(path) && !path.split('/').includes('..');
}

function isDigestOrNull(value: unknown): boolean {
  return value === null || (typeof value === 'string' && /^[0-9a-f]{64}$/.test(value));
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
