/** Whether `1.7.0`, `0.19.15` or `1.2.0rc1` is this minor version or a later one. */
export function isAtLeast(version: string, major: number, minor: number): boolean {
  const [, ownMajor, ownMinor] = /^(\d+)\.(\d+)/.exec(version) ?? [undefined, '0', '0'];
  return Number(ownMajor) === major ? Number(ownMinor) >= minor : Number(ownMajor) > major;
}
