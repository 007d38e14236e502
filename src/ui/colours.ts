/**
 * Whether what is written to a stream may have colours: FORCE_COLOR and NO_COLOR as force-color.org and no-color.org have
 * them, else only on a terminal that shows them and outside CI, whose logs are read as files.
 */
export function hasColours(
  stream: { readonly isTTY?: boolean },
  environment: Readonly<Record<string, string | undefined>>,
): boolean {
  const { FORCE_COLOR: force, NO_COLOR: no, CI: ci, TERM: terminal } = environment;
  if (force !== undefined && force !== '') return force !== '0' && force !== 'false';
  if (no !== undefined && no !== '') return false;
  return stream.isTTY === true && ci === undefined && terminal !== 'dumb';
}
