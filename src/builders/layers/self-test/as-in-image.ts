import { VENV } from '../base/venv.js';

/**
 * Gives the paths in a line of output as the image has them: those of the folder where it is laid out, and of the environment
 * with its packages. In JSON and in URIs they may be written with escapes.
 */
export function asInImage(root: string, environment: string): (line: string) => string {
  const written = [
    ...[...forms(root)].map((form) => [form, ''] as const),
    ...[...forms(environment)].map((form) => [form, `/${VENV}`] as const),
  ];
  return (line) => written.reduce((text, [form, shown]) => text.replaceAll(form, () => shown), line);
}

function forms(path: string): Set<string> {
  // As Python's json and urllib.parse.quote do.
  const json = JSON.stringify(path)
    .slice(1, -1)
    .replaceAll(/[\u007f-\uffff]/g, (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`);
  const quoted = (part: string): string =>
    encodeURIComponent(part).replaceAll(/[!'()*]/g, (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`);
  return new Set([path, json, path.split('/').map(quoted).join('/')]);
}
