import type { InstallCommand } from '../dockerfile/install.js';
import type { Declaration } from './declaration.js';

/** What one command installs. */
export interface InstalledTogether {
  readonly command: InstallCommand | undefined;
  readonly declarations: readonly Declaration[];
}

/**
 * What is in the image when all commands have run, one after the other. pip and uv look at what one command names, and
 * keep a version that is there if it fits; what earlier commands asked for, and their constraints, no longer count
 * where it does not, or where the command upgrades.
 */
export async function inOrder(commands: readonly InstalledTogether[]): Promise<Declaration[]> {
  const [first, ...later] = commands;
  const installed = new Installed(first?.declarations ?? []);
  for (const { command, declarations } of later) {
    const { replaced, needed } = await replacedBy(declarations, installed, command?.upgrade);
    const together = [...new Set(declarations)].filter((declaration) => !installed.has(declaration));
    const isUpgraded = command?.upgrade !== undefined;
    for (const declaration of replaced) installed.delete(declaration);
    for (const declaration of together) installed.add(isUpgraded ? { ...declaration, isUpgraded } : declaration);
    for (const declaration of needed) installed.add(declaration);
  }
  return [...installed.all];
}

/** In the order of their installation, and by name. */
class Installed {
  readonly all = new Set<Declaration>();
  readonly #named = new Map<string, Set<Declaration>>();

  constructor(declarations: readonly Declaration[]) {
    for (const declaration of declarations) this.add(declaration);
  }

  has(declaration: Declaration): boolean {
    return this.all.has(declaration);
  }

  /** Without those of extras and groups. */
  named(name: string): readonly Declaration[] {
    return [...(this.#named.get(name) ?? [])].filter(({ group }) => group === undefined);
  }

  add(declaration: Declaration): void {
    this.all.add(declaration);
    const same = this.#named.get(declaration.name) ?? new Set();
    this.#named.set(declaration.name, same.add(declaration));
  }

  delete(declaration: Declaration): void {
    this.all.delete(declaration);
    this.#named.get(declaration.name)?.delete(declaration);
  }
}

/** Nobody writes more lines for one package. */
const MAXIMUM_LINES = 20;

interface Replaced {
  readonly replaced: ReadonlySet<Declaration>;
  /** What takes their place without being named. */
  readonly needed: readonly Declaration[];
}

async function replacedBy(
  declarations: readonly Declaration[],
  installed: Installed,
  upgrade: InstallCommand['upgrade'],
): Promise<Replaced> {
  const certain = declarations.filter(
    ({ applies, isConstraint, group, marker }) =>
      applies && !isConstraint && group === undefined && marker === undefined,
  );
  const replaced = new Set<Declaration>();
  const needed: Declaration[] = [];
  const before = (name: string): readonly Declaration[] => installed.named(name);
  const names = new Set(declarations.map(({ name }) => name));
  // Most commands install nothing of the kind, and these modules are slow to load.
  if (!certain.some(({ name }) => before(name).length > 0 || /^(?:kedro|mlflow)/.test(name)))
    return { replaced, needed };
  const [{ overlap, rangeOf }, { COMPATIBILITY }] = await Promise.all([
    import('./version-range.js'),
    import('./compatibility.js'),
  ]);
  const fits = (found: readonly Declaration[], specifier: string): boolean => {
    const range = rangeOf(specifier);
    return found.slice(-MAXIMUM_LINES).every((each) => overlap(rangeOf(each.specifier), range));
  };

  for (const declaration of certain) {
    const { name, specifier } = declaration;
    const found = before(name);
    if (upgrade !== undefined || !fits(found, specifier)) for (const each of found) replaced.add(each);
    const rows = COMPATIBILITY.filter(
      (row) => row.package === name && overlap(rangeOf(row.versions), rangeOf(specifier)),
    );
    for (const other of new Set(rows.flatMap(({ needs }) => Object.keys(needs)))) {
      const others = before(other);
      if (others.length === 0 || names.has(other)) continue;
      const limits = rows.map(({ needs }) => needs[other] ?? '');
      if (upgrade !== 'eager' && limits.some((limit) => fits(others, limit))) continue;
      for (const each of others) replaced.add(each);
      needed.push({ ...declaration, name: other, specifier: limits.at(-1) ?? '', isUpgraded: true });
    }
  }
  return { replaced, needed };
}
