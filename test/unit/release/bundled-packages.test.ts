import { expect } from 'chai';
import { expectCycloneDx } from '../supply-chain/cyclonedx-schema.js';
import { billOfMaterials, bundledPackages } from '../../../scripts/release/bundled-packages.js';

describe('the packages in the bundle', () => {
  const LICENCES = 'kdeploy contains these packages.\n\n== @a/b 1.0.0 (MIT)\n\nText of it\n\n== c 2.0.0 (ISC)\n\n\n';

  it('are those whose licences travel with it; one without its text is found', () => {
    expect(bundledPackages(LICENCES)).to.deep.equal([
      { name: '@a/b', version: '1.0.0', license: 'MIT', hasText: true },
      { name: 'c', version: '2.0.0', license: 'ISC', hasText: false },
    ]);
  });

  it('are the components of a bill of materials, which is the same each time', () => {
    const text = billOfMaterials('npm', '1.2.3', bundledPackages(LICENCES));
    const document = JSON.parse(text) as { components: { purl: string }[]; metadata: { component: { purl: string } } };
    expect(document.components.map(({ purl }) => purl)).to.deep.equal(['pkg:npm/%40a/b@1.0.0', 'pkg:npm/c@2.0.0']);
    expect(document.metadata.component.purl).to.equal('pkg:npm/kdeploy@1.2.3');
    expect(text).to.equal(billOfMaterials('npm', '1.2.3', bundledPackages(LICENCES)));
    expect(text).not.to.match(/timestamp|serialNumber/);
  });

  it('are in it as CycloneDX wants them: each once, and a licence of several as an expression', () => {
    const choice = { name: 'd', version: '3.0.0', license: '(MIT OR CC0-1.0)', hasText: true };
    const text = billOfMaterials('pypi', '1.2.3', [choice, ...bundledPackages(LICENCES), choice]);
    expectCycloneDx(Buffer.from(text));
    const { components, metadata } = JSON.parse(text) as {
      components: { name: string; licenses: unknown }[];
      metadata: { component: { purl: string } };
    };
    expect(components.map(({ name }) => name)).to.deep.equal(['d', '@a/b', 'c']);
    expect(components[0]?.licenses).to.deep.equal([{ expression: '(MIT OR CC0-1.0)' }]);
    expect(metadata.component.purl).to.equal('pkg:pypi/kdeploy@1.2.3');
  });
});
