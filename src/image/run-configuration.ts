/**
 * What an image's config says about running it, in the shape that the OCI image spec (config.md, "config") and the
 * Docker Engine share. Absent lists are empty, an absent user is '' (root), an absent working directory is '/'.
 */
export interface RunConfiguration {
  /** `NAME=value` entries, in order. */
  readonly env: readonly string[];
  readonly entrypoint: readonly string[];
  readonly cmd: readonly string[];
  readonly workingDirectory: string;
  readonly user: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** `NAME` of `NAME=value`. */
export function variableName(entry: string): string {
  return entry.split('=', 1)[0] ?? '';
}

/** The value of a variable in a list of `NAME=value` entries; the last one wins, as in a process's environment. */
export function environmentValue(env: readonly string[], name: string): string | undefined {
  return env.findLast((entry) => entry.startsWith(`${name}=`))?.slice(name.length + 1);
}

/** The list with these variables set: replaced where they stand, appended where they don't; `undefined` removes one. */
export function withEnvironment(
  env: readonly string[],
  changes: Readonly<Record<string, string | undefined>>,
): string[] {
  const kept = env.filter((entry) => !Object.hasOwn(changes, variableName(entry)));
  const added = Object.entries(changes).flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${value}`]));
  return [...kept, ...added];
}
