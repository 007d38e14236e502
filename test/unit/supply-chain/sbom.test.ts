import { expect } from 'chai';
import fc from 'fast-check';
import { digestOf } from '../../../src/image/digest.js';
import { sbomOf, type SbomInput } from '../../../src/supply-chain/sbom.js';
import { expectCycloneDx } from './cyclonedx-schema.js';
import { BASE, CREATED, FROM_FOLDER, FROM_GIT, IMAGE, KEDRO, NOT_PUBLIC, PACKAGES, PRIVATE } from './sample.js';

const INPUT: SbomInput = {
  image: { ...IMAGE, created: CREATED },
  base: BASE,
  packages: PACKAGES,
  application: { name: 'spaceflights', version: '0.3.0', revision: 'f'.repeat(40) },
  kdeployVersion: '0.1.0',
};

interface Component {
  readonly type: string;
  readonly name: string;
  readonly version?: string;
  readonly purl?: string;
  readonly 'bom-ref': string;
  readonly hashes?: unknown;
  readonly externalReferences?: unknown;
  readonly properties?: unknown;
}

interface Bom {
  readonly specVersion: string;
  readonly serialNumber: string;
  readonly metadata: {
    readonly timestamp: string;
    readonly lifecycles: unknown;
    readonly tools: { readonly components: readonly Component[] };
    readonly component: Component;
  };
  readonly components: readonly Component[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn?: readonly string[] }[];
}

const bomOf = async (changes: Partial<SbomInput> = {}) =>
  JSON.parse((await sbomOf({ ...INPUT, ...changes })).toString()) as Bom;

describe('an SBOM', () => {
  it('is as CycloneDX’s own schema says, with and without what may be missing', async () => {
    expectCycloneDx(await sbomOf(INPUT));
    expectCycloneDx(await sbomOf({ ...INPUT, base: undefined, packages: [], application: { name: 'app' } }));
  });

  it('is about the image, at its time, and says who wrote it', async () => {
    const { specVersion, metadata } = await bomOf();
    expect([specVersion, metadata.timestamp]).to.deep.equal(['1.6', '2026-11-02T03:04:05.000Z']);
    expect(metadata.lifecycles).to.deep.equal([{ phase: 'build' }]);
    expect(metadata.component).to.include({ type: 'container', name: IMAGE.name, version: IMAGE.digest });
    expect(metadata.component.purl).to.match(/^pkg:oci\/app@sha256:/);
    expect(metadata.tools.components).to.have.length(1);
    expect(metadata.tools.components[0]).to.include({ name: 'kdeploy', version: '0.1.0' });
  });

  it('lists the project, the base, and the packages by their names', async () => {
    const { components } = await bomOf();
    expect(components.map(({ type, name }) => `${type} ${name}`)).to.deep.equal([
      'application spaceflights',
      'container docker.io/library/python:3.11-slim',
      'library acme-datasets',
      'library acme-models',
      'library helpers',
      'library kedro',
    ]);
    expect(components[0]).to.deep.include({
      version: '0.3.0',
      properties: [{ name: 'kdeploy:git:revision', value: 'f'.repeat(40) }],
    });
    expect(components[1]).to.include({ version: BASE.digest });
    expect(components[5]).to.deep.include({
      version: '1.7.0',
      purl: 'pkg:pypi/kedro@1.7.0',
      hashes: [{ alg: 'SHA-256', content: KEDRO.sha256 }],
      externalReferences: [{ url: KEDRO.url, type: 'distribution' }],
      properties: [{ name: 'kdeploy:wheel', value: KEDRO.filename }],
    });
  });

  it('has no hash of a wheel of which none is known, and tells a repository from a file', async () => {
    const [, , datasets, models] = (await bomOf()).components;
    expect(datasets).not.to.have.property('hashes');
    expect(datasets?.externalReferences).to.have.deep.nested.property('[0].type', 'vcs');
    expect(models).not.to.have.property('externalReferences');
  });

  it('says what was put into what', async () => {
    const { metadata, components, dependencies } = await bomOf();
    const [project, base, ...packages] = components.map(({ 'bom-ref': reference }) => reference);
    const of = (reference: string | undefined) => dependencies.find(({ ref }) => ref === reference)?.dependsOn;
    expect(of(metadata.component['bom-ref'])).to.deep.equal([project, base]);
    expect(of(project)).to.deep.equal(packages);
  });

  it('has each package once, and keeps apart what has the project’s name', async () => {
    const { components } = await bomOf({ packages: [KEDRO, KEDRO], application: { name: 'kedro' } });
    expect(components.map(({ 'bom-ref': reference }) => reference)).to.deep.equal([
      'application:kedro',
      components[1]?.['bom-ref'],
      'pkg:pypi/kedro@1.7.0',
    ]);
  });

  it('gives nothing away that is not public', async () => {
    expect((await sbomOf(INPUT)).toString()).not.to.match(NOT_PUBLIC);
  });

  it('has the same bytes however the packages come', async () => {
    const bytes = await sbomOf(INPUT);
    await fc.assert(
      fc.asyncProperty(fc.shuffledSubarray(PACKAGES, { minLength: PACKAGES.length }), async (packages) => {
        expect((await sbomOf({ ...INPUT, packages })).equals(bytes)).to.equal(true);
      }),
      { numRuns: 20 },
    );
  });

  it('has a number of its own for other content, and the same for the same', async () => {
    const numbers = await Promise.all(
      [{}, {}, { packages: [KEDRO] }, { image: { ...INPUT.image, digest: digestOf('other') } }].map(
        async (changes) => (await bomOf(changes)).serialNumber,
      ),
    );
    expect(new Set(numbers).size).to.equal(3);
    for (const each of numbers)
      expect(each).to.match(/^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  it('sorts by the characters, not by a language', async () => {
    const named = (name: string) => ({ ...FROM_FOLDER, name });
    const { components } = await bomOf({ packages: ['zz', 'a-b', 'a1', 'aa', 'a'].map(named), base: undefined });
    expect(components.slice(1).map(({ name }) => name)).to.deep.equal(['a', 'a-b', 'a1', 'aa', 'zz']);
    const versions = ['1.10', '1.9'].map((version) => ({ ...PRIVATE, version }));
    expect((await bomOf({ packages: [...versions, FROM_GIT] })).components).to.have.length(5);
  });
});
