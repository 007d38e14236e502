import { expect } from 'chai';
import { compare, satisfies } from '@renovatebot/pep440';
import { execa } from 'execa';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { COMPATIBILITY } from '../../src/project/python/compatibility.js';
import { parseRequirement } from '../../src/project/python/requirement.js';
import {
  certificateBundle,
  certificateVariables,
  packageIndexVariables,
} from '../support/environment/package-index.js';
import { ensureVirtualEnvironment, pythonOf } from '../support/environment/python.js';
import { isNight } from '../support/nightly.js';

/** Whatever versions these name decides whether two specifiers mean the same. */
const PROBES = [
  ...['0.16', '0.18.0', '0.18.1', '0.18.14', '0.19.0', '0.19.6', '0.19.7', '0.20.0', '1.0.0rc1', '1.0.0', '1.28.0'],
  ...['1.29.0', '1.99.0', '2.0.0', '2.6.9', '2.7.0', '2.22.0', '3.0.0', '3.6', '3.7', '3.8', '3.9', '3.10', '3.11'],
  ...['3.12', '3.13', '3.99', '4.0.0', '5.0.0'],
];

describe('the table of versions that fit each other, against the metadata on PyPI', function () {
  this.timeout(600_000);
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'versions-'));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  for (const name of new Set(COMPATIBILITY.map((row) => row.package))) {
    const which = isNight ? 'every row needs what its' : 'the last row needs what its';
    it(`${name}: ${which} first and its last version need, and the newest version is in it`, async () => {
      const released = await releasedVersions(name);
      const rows = COMPATIBILITY.filter((row) => row.package === name);
      const newest = released.at(-1) ?? '';
      expect(satisfies(newest, rows.at(-1)?.versions ?? ''), `${name} ${newest} is not in the table`).to.equal(true);
      // What was published once stays as it is: a new version changes the last row only.
      for (const { versions, needs } of isNight ? rows : rows.slice(-1)) {
        const inRow = released.filter((version) => satisfies(version, versions));
        const ends = [...new Set([inRow[0], inRow.at(-1)])].filter((version) => version !== undefined);
        expect(ends, `${name} ${versions} has no version`).to.not.deep.equal([]);
        const metadata = await Promise.all(ends.map((version) => needsOf(name, version, folder)));
        for (const [other, specifier] of Object.entries(needs)) {
          for (const probe of PROBES) {
            const isAllowed = metadata.some((each) => allows(each.get(other) ?? '', probe));
            const message = `${name} ${versions} (${ends.join(', ')}) with ${other} ${probe}`;
            expect(allows(specifier, probe), message).to.equal(isAllowed);
          }
        }
      }
    });
  }

  it('uv cannot find what the table rules out, and finds what it allows', async () => {
    expect(await resolves('kedro-mlflow==2.0.3', 'kedro==0.19.15')).to.equal(false);
    expect(await resolves('kedro-mlflow==1.0.2', 'mlflow==3.1.0')).to.equal(false);
    expect(await resolves('kedro-datasets==9.0.0', 'kedro==0.19.15')).to.equal(false);
    expect(await resolves('kedro-mlflow==2.0.3', 'kedro==1.7.0', 'mlflow==3.17.0', 'kedro-datasets==9.0.0')).to.equal(
      true,
    );
  });
});

function allows(specifier: string, version: string): boolean {
  return specifier === '' || satisfies(version, specifier, { prereleases: true });
}

/** Final releases, the newest last. */
async function releasedVersions(name: string): Promise<string[]> {
  const { stdout } = await pip(['index', 'versions', name, '--ignore-requires-python']);
  const listed = /^Available versions: (.*)$/m.exec(stdout)?.[1] ?? '';
  return listed.split(', ').sort(compare);
}

/** `kedro` → `>=1.0.0,<2.0.0`, and `python`, as the package itself says. */
async function needsOf(name: string, version: string, folder: string): Promise<Map<string, string>> {
  const report = join(folder, `${name}-${version}.json`);
  const options = ['--dry-run', '--ignore-installed', '--no-deps', '--ignore-requires-python', '--prefer-binary'];
  await pip(['install', '--quiet', ...options, '--report', report, `${name}==${version}`]);
  const { install } = JSON.parse(await readFile(report, 'utf8')) as {
    install: [{ metadata: { requires_dist?: string[]; requires_python?: string } }];
  };
  const { requires_dist: requirements = [], requires_python: python = '' } = install[0].metadata;
  const needs = new Map([['python', python.replaceAll(' ', '')]]);
  for (const text of requirements) {
    const requirement = parseRequirement(text);
    if (requirement !== undefined && requirement.marker?.text.includes('extra') !== true) {
      needs.set(requirement.name, requirement.specifier);
    }
  }
  return needs;
}

async function resolves(...requirements: readonly string[]): Promise<boolean> {
  const python = pythonOf(await ensureVirtualEnvironment());
  const { exitCode, stderr } = await execa(
    join(python, '..', 'uv'),
    ['pip', 'compile', '--quiet', '--python-version', '3.11', '-'],
    { input: requirements.join('\n'), env: variables(), reject: false },
  );
  if (exitCode !== 0) expect(stderr).to.include('No solution found');
  return exitCode === 0;
}

async function pip(words: readonly string[]): Promise<{ stdout: string }> {
  const python = pythonOf(await ensureVirtualEnvironment());
  return execa(python, ['-m', 'pip', ...words], { env: { ...variables(), PIP_DISABLE_PIP_VERSION_CHECK: '1' } });
}

function variables(): Record<string, string> {
  const bundle = certificateBundle();
  return { ...packageIndexVariables(), ...(bundle === undefined ? {} : certificateVariables(bundle)) };
}
