/**
 * Gives process.env its variables back. A new object in its place would be read by JavaScript alone: `os.tmpdir()` and the
 * programs that are started go on reading the old one.
 */
export function restoreEnvironment(before: NodeJS.ProcessEnv): void {
  for (const name of Object.keys(process.env)) if (!(name in before)) Reflect.deleteProperty(process.env, name);
  Object.assign(process.env, before);
}
