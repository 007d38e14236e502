import { expect } from 'chai';
import fc from 'fast-check';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { markerApplies } from '../../src/project/python/marker.js';
import { readMarker } from '../../src/project/python/requirement.js';
import { isNight } from '../support/nightly.js';
import { CORPUS } from '../support/requirements/corpus.js';
import { differences, ENVIRONMENTS, readByKdeploy } from '../support/requirements/compare.js';
import { MARKER, PROJECT } from '../support/requirements/generated.js';
import { askPip, PIPS, type FileVerdict, type JudgedCase } from '../support/requirements/pip-judge.js';

describe('requirements files, read by kdeploy and by real pips', () => {
  const verdicts = new Map<string, readonly FileVerdict[]>();
  const judged: JudgedCase[] = [];
  let folder: string;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'requirements-'));
    for (const [index, { files, variables }] of CORPUS.entries()) {
      const caseFolder = join(folder, `${index}`);
      await mkdir(caseFolder);
      for (const [file, content] of Object.entries(files)) {
        await mkdir(dirname(join(caseFolder, file)), { recursive: true });
        await writeFile(join(caseFolder, file), content);
      }
      judged.push({ folder: caseFolder, file: 'requirements.txt', ...(variables === undefined ? {} : { variables }) });
    }
    const environments = ENVIRONMENTS.map(({ variables }) => variables);
    for (const version of PIPS) verdicts.set(version, (await askPip(version, { environments, cases: judged })).cases);
  });

  after(() => rm(folder, { recursive: true, force: true }));

  it('has a corpus of more than 200 files, no two of the same name', () => {
    expect(CORPUS.length).to.be.greaterThan(200);
    expect(new Set(CORPUS.map(({ name }) => name)).size).to.equal(CORPUS.length);
  });

  for (const [index, { name, pipsDiffer = false, needsFiles = false }] of CORPUS.entries()) {
    it(name, async () => {
      const judgedCase = judged[index];
      if (judgedCase === undefined) throw new Error('no such case');
      const readings = await readByKdeploy(judgedCase);
      const found = PIPS.map((version) => {
        const verdict = verdicts.get(version)?.[index];
        if (verdict === undefined) throw new Error(`pip ${version} did not judge it`);
        return differences(readings, verdict).map(({ text }) => `${version}: ${text}`);
      });
      if (needsFiles) {
        expect(readings[0]?.opaque).to.have.length(1);
        expect(found.flat()).to.satisfy(
          (all: string[]) => all.length > 0 && all.every((each) => each.includes('refuses')),
        );
      } else if (pipsDiffer) {
        // With one of them kdeploy agrees, and the mark is not there for nothing.
        expect(found.filter((each) => each.length === 0)).to.have.length(1);
      } else expect(found.flat()).to.deep.equal([]);
    });
  }
});

/** How many projects at random two pips judge, each of which takes a tenth of a second; at night, other ones, too. */
const PROJECTS = isNight ? 400 : 100;
/** The same files in every run; another number finds other ones. */
const SEED = Number(process.env.KDEPLOY_TEST_SEED ?? '20261123');

describe('requirements files made at random, read by kdeploy and by real pips', () => {
  const ENVIRONMENT_VARIABLES = ENVIRONMENTS.map(({ variables }) => variables);

  it('agree wherever the pips agree with each other', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'requirements-'));
    try {
      const projects = fc.sample(PROJECT, { numRuns: PROJECTS, seed: SEED });
      const cases: JudgedCase[] = [];
      for (const [index, files] of projects.entries()) {
        cases.push({ folder: join(folder, `${index}`), file: 'requirements.txt' });
        await mkdir(join(folder, `${index}`));
        for (const [file, text] of Object.entries({ ...files, 'pyproject.toml': PYPROJECT })) {
          await writeFile(join(folder, `${index}`, file), text);
        }
      }
      const [older, newer] = await Promise.all(
        PIPS.map(async (version) => (await askPip(version, { environments: ENVIRONMENT_VARIABLES, cases })).cases),
      );
      const found: string[] = [];
      let agreed = 0;
      for (const [index, judgedCase] of cases.entries()) {
        const [a, b] = [older?.[index], newer?.[index]];
        if (a === undefined || b === undefined) throw new Error('a pip did not answer');
        if ((a.stopped === undefined) !== (b.stopped === undefined)) continue;
        const disputed = disputedPlaces(a, b);
        agreed += a.lines.length - disputed.size;
        const readings = await readByKdeploy(judgedCase);
        // pip looks whether a folder exists; kdeploy, which does not have the image's files, cannot.
        for (const { place } of readings[0]?.opaque.filter(({ what }) => what === 'a folder') ?? []) {
          disputed.add(`${place.file}:${place.line ?? ''}`);
        }
        for (const { place, text } of differences(readings, b)) {
          if (place === undefined || !disputed.has(place)) found.push(`${text}\n${JSON.stringify(projects[index])}`);
        }
      }
      expect(found.slice(0, 10).join('\n'), `with KDEPLOY_TEST_SEED=${SEED}`).to.equal('');
      // Files on which everybody disagrees would prove nothing.
      expect(agreed).to.be.greaterThan(PROJECTS);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  it('evaluate markers alike', async () => {
    const markers = fc.sample(MARKER, { numRuns: 2000, seed: SEED });
    const { markers: theirs } = await askPip('26.3', { environments: ENVIRONMENT_VARIABLES, markers });
    const found: string[] = [];
    for (const [index, text] of markers.entries()) {
      const marker = readMarker(text);
      const verdict = theirs[index];
      if (typeof verdict === 'string') {
        // packaging cannot compare `~=` with a text that is not a version; kdeploy does not know either, and counts it as met.
        if (verdict !== 'UndefinedComparison' && marker !== undefined) found.push(`${text}: ${verdict}`);
        continue;
      }
      const ours = await Promise.all(ENVIRONMENTS.map(({ known }) => markerApplies(marker, known)));
      if (marker === undefined || !isDeepStrictEqual(ours, verdict)) {
        found.push(`${text}: packaging says ${JSON.stringify(verdict)}, kdeploy ${JSON.stringify(ours)}`);
      }
    }
    expect(found.slice(0, 10).join('\n'), `with KDEPLOY_TEST_SEED=${SEED}`).to.equal('');
  });
});

/** Lines of which the two pips do not think the same. */
function disputedPlaces(a: FileVerdict, b: FileVerdict): Set<string> {
  const [first, second] = [a, b].map(({ lines }) => new Map(lines.map((line) => [`${line.file}:${line.line}`, line])));
  const places = new Set([...(first?.keys() ?? []), ...(second?.keys() ?? [])]);
  return new Set(
    [...places].filter((place) => {
      const [one, other] = [first?.get(place), second?.get(place)];
      if (one?.refused !== undefined && other?.refused !== undefined) return false;
      return !isDeepStrictEqual(one, other);
    }),
  );
}

const PYPROJECT = '[project]\nname = "demo"\nversion = "1"\n';
