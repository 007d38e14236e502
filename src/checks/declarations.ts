import type { Declaration } from '../project/python/declaration.js';

/** Declared at all, under whatever condition; a constraint declares nothing. */
export function isDeclared(declarations: readonly Declaration[], name: string): boolean {
  return declarations.some((declaration) => declaration.name === name && !declaration.isConstraint);
}

/** Declared so that it is installed in the image: no extra that nobody asks for, no marker that excludes it. */
export function isInstalled(declarations: readonly Declaration[], name: string): boolean {
  return declarations.some((declaration) => declaration.name === name && isInImage(declaration));
}

export function isInImage({ isConstraint, applies, group }: Declaration): boolean {
  return !isConstraint && applies && group === undefined;
}

/** `==2.0.3` → `2.0.3`, from a requirement or a constraint; `undefined` when no single version is asked for. */
export function pinnedVersion(declarations: readonly Declaration[], name: string): string | undefined {
  for (const declaration of declarations) {
    const version = /^={2,3}([^*,]+)$/.exec(declaration.specifier)?.[1];
    if (declaration.name === name && declaration.applies && version !== undefined) return version;
  }
  return undefined;
}

/** All clauses on a package's version, requirement and constraints together: `>=0.12,<1`. */
export function specifierOf(declarations: readonly Declaration[], name: string): string {
  return declarations
    .filter((declaration) => declaration.name === name && declaration.applies && declaration.specifier !== '')
    .map(({ specifier }) => specifier)
    .join(',');
}
