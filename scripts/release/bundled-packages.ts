import { openWheel } from '../../src/builders/layers/wheels/wheel-archive.js';

/** A package whose code is in dist/, or that a wheel brings beside it. */
export interface BundledPackage {
  readonly name: string;
  readonly version: string;
  readonly license: string;
  readonly hasText: boolean;
}

/** From dist/third-party-licences.txt, which the bundler writes: `== name version (licence)`, then the text. */
export function bundledPackages(licences: string): BundledPackage[] {
  return licences
    .split(/^== /m)
    .slice(1)
    .map((section) => {
      const [, name = '', version = '', license = ''] = /^(\S+) (\S+) \((.+)\)\n/.exec(section) ?? [];
      return { name, version, license, hasText: section.slice(section.indexOf('\n')).trim() !== '' };
    });
}

interface PackageJson {
  readonly name: string;
  readonly version: string;
  readonly license?: string;
  /** As packages named theirs before npm 2. */
  readonly licenses?: readonly { readonly type: string }[];
}

function oldForm(licenses: PackageJson['licenses'] = []): string {
  if (licenses.length === 0) return 'NOASSERTION';
  const types = licenses.map(({ type }) => type);
  return types.length === 1 ? types.join('') : `(${types.join(' OR ')})`;
}

/** The packages in a wheel's node_modules, each once: npm keeps a copy for each that needs it in another place. */
export async function packagesInWheel(wheel: string): Promise<BundledPackage[]> {
  const archive = await openWheel(wheel);
  try {
    const found = new Map<string, BundledPackage>();
    for (const entry of archive.entries) {
      const folder = /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+\/(?=package\.json$)/.exec(entry.name)?.[0];
      if (folder === undefined) continue;
      const { name, version, license, licenses } = JSON.parse((await archive.read(entry)).toString()) as PackageJson;
      const hasText = archive.entries.some(
        (other) =>
          other.name.startsWith(folder) &&
          /^(?:licen[cs]e|copying)/i.test(other.name.slice(folder.length)) &&
          other.size > 0,
      );
      found.set(`${name} ${version}`, { name, version, license: license ?? oldForm(licenses), hasText });
    }
    return [...found].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, each]) => each);
  } finally {
    await archive.close();
  }
}

/**
 * A bill of materials in CycloneDX 1.6, of what is packed for npm or for PyPI; without a time, so that one commit gives one
 * text.
 */
export function billOfMaterials(
  registry: 'npm' | 'pypi',
  version: string,
  packages: readonly BundledPackage[],
): string {
  const component = (name: string, itsVersion: string, license: string, from: 'npm' | 'pypi' = 'npm') => ({
    type: 'library',
    'bom-ref': purl(from, name, itsVersion),
    name,
    version: itsVersion,
    // An identifier of SPDX, or an expression with several.
    licenses: [/^[\w.+-]+$/.test(license) ? { license: { id: license } } : { expression: license }],
    purl: purl(from, name, itsVersion),
  });
  const own = { ...component('kdeploy', version, 'Apache-2.0', registry), type: 'application' };
  // A wheel brings some of what is compiled into it once more.
  const parts = [...new Map(packages.map((each) => [purl('npm', each.name, each.version), each])).values()].map(
    ({ name, version: its, license }) => component(name, its, license),
  );
  const document = {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: { component: own },
    components: parts,
    dependencies: [{ ref: own['bom-ref'], dependsOn: parts.map((each) => each['bom-ref']) }],
  };
  return `${JSON.stringify(document, undefined, 2)}\n`;
}

function purl(registry: 'npm' | 'pypi', name: string, version: string): string {
  return `pkg:${registry}/${name.replace('@', '%40')}@${version}`;
}
