/** What people write where the reader shall put in a password. */
const PLACEHOLDER =
  /^(?:x{3,}|\*+|\.{3,}|%\(.*|%\w+%|your.*|my.*|(?:user(?:name)?|p(?:ass)?w(?:or)?d|pass|secret|token|api_?key|change_?me|example|test|dummy|foo|bar|none|null)[-_\d]*)$/i;

/** What next to every image says somewhere, so that it is no secret whatever its name. */
export const SWITCH = /^(?:\d{1,4}|true|false|yes|no|on|off)$/i;

/** A path, an address, a switch or a number is what many variables with the name of a secret hold. */
export const NO_SECRET = /^(?:[./~].*|.*:\/\/.*|\d{1,4}|true|false|yes|no|on|off)$/i;

/** The words of an example. */
export function isPlaceholder(value: string): boolean {
  return value === '' || PLACEHOLDER.test(value);
}

/** Whether it looks like the value of a secret at all, and not like a reference to one or the words of an example. */
export function isLiteralSecret(value: string): boolean {
  return !isPlaceholder(value) && !/[${}<>]/.test(value);
}
