import { fileURLToPath } from 'node:url';

/**
 * The path of a file or folder in templates/, which ships with the package; the sources and the compiled files are
 * equally deep, so one relative path serves both.
 */
export function templatePath(name: string): string {
  return fileURLToPath(new URL(`../templates/${name}`, import.meta.url));
}

/** The same for a page in docs/, which ships as well. */
export function documentPath(name: string): string {
  return fileURLToPath(new URL(`../docs/${name}`, import.meta.url));
}
