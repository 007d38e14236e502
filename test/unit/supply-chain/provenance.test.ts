import { expect } from 'chai';
import { provenanceOf, type ProvenanceInput } from '../../../src/supply-chain/provenance.js';
import { BASE, FROM_GIT, IMAGE, KEDRO, NOT_PUBLIC, PACKAGES } from './sample.js';

const COMMIT = 'f'.repeat(40);
const INPUT: ProvenanceInput = {
  image: IMAGE,
  parameters: { builder: 'layers', env: 'prod', platform: 'linux/amd64' },
  choices: { python: '3.11.2', bytecode: true },
  base: BASE,
  source: { url: 'https://git.example.com/acme/spaceflights.git', commit: COMMIT, isDirty: false },
  packages: [KEDRO, FROM_GIT],
  kdeployVersion: '0.1.0',
  startedOn: '2026-11-02T03:04:05Z',
  invocationId: 'https://ci.example.com/jobs/1',
};

interface Statement {
  readonly predicate: {
    readonly buildDefinition: { readonly resolvedDependencies: readonly Record<string, unknown>[] };
    readonly runDetails: object;
  };
}

const statementOf = (changes: Partial<ProvenanceInput> = {}) =>
  JSON.parse(provenanceOf({ ...INPUT, ...changes }).toString()) as Statement;
const dependenciesOf = (changes: Partial<ProvenanceInput> = {}) =>
  statementOf(changes).predicate.buildDefinition.resolvedDependencies;

const hex = (digest: string) => digest.slice(digest.indexOf(':') + 1);

describe('the provenance of an image', () => {
  it('is an in-toto statement with SLSA’s predicate', () => {
    expect(statementOf()).to.deep.equal({
      _type: 'https://in-toto.io/Statement/v1',
      subject: [{ name: IMAGE.name, digest: { sha256: hex(IMAGE.digest) } }],
      predicateType: 'https://slsa.dev/provenance/v1',
      predicate: {
        buildDefinition: {
          buildType: 'urn:kdeploy:build:v1',
          externalParameters: { builder: 'layers', env: 'prod', platform: 'linux/amd64', base: BASE.name },
          internalParameters: { bytecode: true, python: '3.11.2' },
          resolvedDependencies: [
            {
              name: BASE.name,
              uri: `pkg:oci/python@${BASE.digest}?repository_url=docker.io%2Flibrary%2Fpython&tag=3.11-slim`,
              digest: { sha256: hex(BASE.digest) },
            },
            {
              name: 'source',
              uri: 'git+https://git.example.com/acme/spaceflights.git',
              digest: { gitCommit: COMMIT },
            },
            {
              name: FROM_GIT.filename,
              uri: 'pkg:pypi/acme-datasets@0.1.0?vcs_url=git%2Bhttps:%2F%2Fgit.example.com%2Facme%2Fdatasets.git%400123456789abcdef0123456789abcdef01234567',
            },
            {
              name: KEDRO.filename,
              uri: 'pkg:pypi/kedro@1.7.0',
              digest: { sha256: KEDRO.sha256 },
              downloadLocation: KEDRO.url,
            },
          ],
        },
        runDetails: {
          builder: { id: 'urn:kdeploy:builder', version: { kdeploy: '0.1.0' } },
          metadata: { invocationId: 'https://ci.example.com/jobs/1', startedOn: '2026-11-02T03:04:05Z' },
        },
      },
    });
  });

  it('leaves out what is not known', () => {
    const { image, parameters, kdeployVersion } = INPUT;
    const bytes = provenanceOf({ image, parameters, kdeployVersion, base: undefined, packages: [] });
    const { buildDefinition, runDetails } = (JSON.parse(bytes.toString()) as Statement).predicate;
    expect(buildDefinition).to.deep.equal({
      buildType: 'urn:kdeploy:build:v1',
      externalParameters: parameters,
      resolvedDependencies: [],
    });
    expect(runDetails).not.to.have.property('metadata');
  });

  const remotes: readonly [url: string | undefined, uri: string | undefined][] = [
    ['https://ada:hunter2@git.example.com/a.git', 'git+https://git.example.com/a.git'],
    ['ssh://git@git.example.com/a.git', 'git+ssh://git.example.com/a.git'],
    ['git+https://git.example.com/a.git', 'git+https://git.example.com/a.git'],
    ['file:///srv/git/a.git', undefined],
    ['/srv/git/a.git', undefined],
    [undefined, undefined],
  ];
  for (const [url, uri] of remotes)
    it(`names ${uri ?? 'the commit alone'} for a repository at ${url ?? 'no address'}`, () => {
      const source = { commit: COMMIT, isDirty: false, ...(url !== undefined && { url }) };
      expect(dependenciesOf({ source })[1]).to.deep.equal({
        name: 'source',
        ...(uri !== undefined && { uri }),
        digest: { gitCommit: COMMIT },
      });
    });

  it('says that there were changes which the commit does not have', () => {
    expect(dependenciesOf({ source: { commit: COMMIT, isDirty: true } })[1]).to.deep.include({
      annotations: { uncommittedChanges: true },
    });
  });

  it('gives nothing away that is not public', () => {
    expect(provenanceOf({ ...INPUT, packages: PACKAGES }).toString()).not.to.match(NOT_PUBLIC);
  });

  it('has the same bytes whatever order things come in', () => {
    const other = { ...INPUT, packages: [FROM_GIT, KEDRO], choices: { bytecode: true, python: '3.11.2' } };
    expect(provenanceOf(other).equals(provenanceOf(INPUT))).to.equal(true);
  });
});
