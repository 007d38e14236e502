/**
 * The settings of etc/login.defs: `NAME value`, the last one of a name counts. Comments have lines of their own: what stands behind a
 * value belongs to it, which makes a number invalid (shadow-utils, lib/getdef.c).
 */
export function parseLoginDefaults(text: string): Record<string, string> {
  return settingsIn(text, /^[ \t]*([A-Za-z_]\w*)[ \t]+["\t ]*([^"]*)/);
}

/** The settings of etc/default/useradd: `NAME=value` (shadow-utils, src/useradd.c, get_defaults). */
export function parseUseraddDefaults(text: string): Record<string, string> {
  return settingsIn(text, /^([A-Z_]+)=(.*)$/);
}

/** A number as C reads it (strtol with base 0): `022` is octal, `0x12` hexadecimal. `undefined` for anything else. */
export function numberSetting(settings: Readonly<Record<string, string>>, name: string): number | undefined {
  const text = Object.hasOwn(settings, name) ? settings[name] : undefined;
  if (text === undefined || !/^-?(?:0x[\da-f]+|0[0-7]*|[1-9]\d*)$/i.test(text)) return undefined;
  const isNegative = text.startsWith('-');
  const digits = isNegative ? text.slice(1) : text;
  const value = /^0[0-7]+$/.test(digits) ? Number.parseInt(digits, 8) : Number(digits);
  return isNegative ? -value : value;
}

function settingsIn(text: string, pattern: RegExp): Record<string, string> {
  return Object.fromEntries(
    text.split('\n').flatMap((line) => {
      const [, name, value] = pattern.exec(line.replace(/\r$/, '')) ?? [];
      return name === undefined || value === undefined ? [] : [[name, value.trim()]];
    }),
  );
}

/** Where mail of users is kept, without the first slash. */
export function mailFolder(loginDefaults: Readonly<Record<string, string>>): string {
  return (loginDefaults.MAIL_DIR ?? '/var/mail').replace(/^\/+/, '');
}
