/** A package whose code is in dist/. */
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

/** A bill of materials of the bundle in CycloneDX 1.6; without a time, so that one commit gives one text. */
export function billOfMaterials(version: string, packages: readonly BundledPackage[]): string {
  const component = (name: string, itsVersion: string, license: string) => ({
    type: 'library',
    'bom-ref': purl(name, itsVersion),
    name,
    version: itsVersion,
    licenses: [{ license: { id: license } }],
    purl: purl(name, itsVersion),
  });
  const own = { ...component('kdeploy', version, 'Apache-2.0'), type: 'application' };
  const parts = packages.map(({ name, version: its, license }) => component(name, its, license));
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

function purl(name: string, version: string): string {
  return `pkg:npm/${name.replace('@', '%40')}@${version}`;
}
