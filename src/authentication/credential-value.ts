/** How a credential travels: as part of Basic, whose password may be any text, or as a word in a header. */
export type CredentialKind = 'user' | 'password' | 'token';

/** What files and variables gain on their way, and no secret begins or ends with. A BOM is what Windows' editors write. */
const AROUND = /^[\s\u{FEFF}]+|[\s\u{FEFF}]+$/gu;

/** A secret without the line break that `echo` and editors leave at its end. */
export function trimmedSecret(text: string): string {
  return text.replace(AROUND, '');
}

/**
 * Why a value cannot be the credential that is meant, as what follows its name: `ends with a line break`. The runtime
 * judges the same (authentication/credential_value.py); both test suites read test/fixtures/credentials.json.
 */
export function flawOf(value: string, kind: CredentialKind): string | undefined {
  if (/[\r\n]$/.test(value)) return 'ends with a line break';
  if (/^[\r\n]/.test(value)) return 'begins with a line break';
  if (/[\r\n]/.test(value)) return 'contains a line break';
  // eslint-disable-next-line no-control-regex -- none of them can be typed, or sent in a header
  if (/[\u0000-\u001F\u007F]/.test(value)) return 'contains a control character';
  if (value.startsWith('\u{FEFF}')) return 'begins with a byte order mark';
  if (kind === 'password') return undefined;
  if (/^\s/.test(value)) return 'begins with a space';
  if (/\s$/.test(value)) return 'ends with a space';
  if (kind === 'user') return value.includes(':') ? 'contains a colon, where the password would begin' : undefined;
  if (/^(?:bearer|basic)\s/i.test(value)) return 'begins with its scheme, which is added when it is sent';
  if (/\s/.test(value)) return 'contains a space';
  if (/^(["']).*\1$/.test(value)) return 'is in quotation marks';
  return /[^\u0021-\u007E]/.test(value) ? 'contains a character that no HTTP header can carry' : undefined;
}

/** What is hardly meant, but may be; worth a word once a server has refused it. */
export function suspicionOf(value: string, kind: CredentialKind): string | undefined {
  if (/^\s/.test(value)) return 'begins with a space';
  if (/\s$/.test(value)) return 'ends with a space';
  return kind !== 'token' && /^(["']).*\1$/.test(value) ? 'is in quotation marks' : undefined;
}
