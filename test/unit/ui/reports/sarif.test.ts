import { readFileSync } from 'node:fs';
import Ajv04 from 'ajv-draft-04';
import addFormats from 'ajv-formats';
import { expect } from 'chai';
import fc from 'fast-check';
import type { Finding } from '../../../../src/finding.js';
import { readRulePage } from '../../../../src/checks/rule-page.js';
import { CONFIGURABLE_IDS } from '../../../../src/rule-ids.js';
import { sarif } from '../../../../src/ui/reports/sarif.js';
import type { ProjectReport, Report } from '../../../../src/ui/reports/report.js';
import { finding, PLACELESS, PLAIN, project, report } from './reports.js';

interface Rule {
  readonly id: string;
  readonly shortDescription?: { readonly text: string };
  readonly fullDescription?: { readonly text: string };
  readonly help?: { readonly text: string; readonly markdown: string };
  readonly defaultConfiguration?: { readonly level: string };
}

interface Result {
  readonly ruleId: string;
  readonly ruleIndex: number;
  readonly level: string;
  readonly message: { readonly text: string };
  readonly locations: readonly {
    readonly physicalLocation: {
      readonly artifactLocation: { readonly uri: string; readonly uriBaseId: string };
      readonly region: { readonly startLine: number };
    };
  }[];
  readonly partialFingerprints: Readonly<Record<string, string>>;
}

interface Run {
  readonly tool: {
    readonly driver: { readonly name: string; readonly version: string; readonly rules: readonly Rule[] };
  };
  readonly automationDetails: { readonly id: string };
  readonly originalUriBaseIds: Readonly<Record<string, object>>;
  readonly results: readonly Result[];
}

const schema = JSON.parse(
  readFileSync(new URL('../../../fixtures/schemas/sarif-2.1.0-rtm.5.json', import.meta.url), 'utf8'),
) as object;
// One of the schema's patterns is not a regular expression of the stricter, unicode kind.
const ajv = new Ajv04.default({ strict: false, unicodeRegExp: false });
addFormats.default(ajv);
const validate = ajv.compile(schema);

async function runOf(given: Report): Promise<Run> {
  const log = JSON.parse(await sarif.render(given, { ...PLAIN, readPage: readRulePage })) as { runs: readonly Run[] };
  expect(validate(log), JSON.stringify(validate.errors)).to.equal(true);
  expect(log.runs).to.have.lengthOf(1);
  return log.runs[0]!;
}

const resultsOf = async (findings: readonly Finding[], folder = '') =>
  (await runOf(report(project({ findings, folder })))).results;

const placesOf = async (findings: readonly Finding[], folder?: string) =>
  (await resultsOf(findings, folder)).map(({ locations }) => {
    const { artifactLocation, region } = locations[0]?.physicalLocation ?? {};
    return `${artifactLocation?.uriBaseId ?? ''}/${artifactLocation?.uri ?? ''}:${region?.startLine ?? ''}`;
  });

describe('a report as SARIF', () => {
  it('is judged by the official schema, which refuses what is none', () => {
    expect(validate({ version: '2.1.0', runs: [{ tool: { driver: {} } }] })).to.equal(false);
  });

  it('is one run of kdeploy, also without findings', async () => {
    const { tool, results } = await runOf(report(project()));
    expect([tool.driver.name, tool.driver.version, results]).to.deep.equal(['kdeploy', '0.1.0', []]);
  });

  it('describes every check that ran, from its page', async () => {
    const { tool } = await runOf(report(project({ rules: CONFIGURABLE_IDS })));
    expect(tool.driver.rules.map(({ id }) => id)).to.deep.equal(CONFIGURABLE_IDS);
    for (const { id, shortDescription, fullDescription, help, defaultConfiguration } of tool.driver.rules) {
      expect(shortDescription?.text, id).to.match(/^\S.*\.$/);
      expect(fullDescription?.text, id).to.match(/^\w.{20,}/);
      expect(help?.markdown, id).to.contain('## How to fix it');
      // Its pages link to each other, and no platform has the others.
      expect(help?.markdown, id).not.to.match(/\]\((?!https?:)/);
      expect(help?.text, id).not.to.contain('```');
      expect(defaultConfiguration?.level, id).to.be.oneOf(['error', 'warning']);
    }
  });

  it('puts each finding under its rule, with its level and what to do', async () => {
    const { tool, results } = await runOf(
      report(
        project({
          findings: [
            finding(),
            finding({ rule: 'tracking-set-up', severity: 'info' }),
            finding({ severity: 'warning' }),
          ],
        }),
      ),
    );
    expect(results.map(({ ruleId, level }) => [ruleId, level])).to.deep.equal([
      ['tracking-uri-usable', 'error'],
      ['tracking-set-up', 'note'],
      ['tracking-uri-usable', 'warning'],
    ]);
    for (const { ruleId, ruleIndex } of results) expect(tool.driver.rules[ruleIndex]?.id).to.equal(ruleId);
    expect(results[0]?.message.text).to.equal(
      'the tracking URI is the container itself. Next: name the server: https://mlflow.example.com',
    );
  });

  it('names places from the repository’s root, and no path of this machine', async () => {
    expect(await placesOf([finding()], 'services/churn')).to.deep.equal([
      '%SRCROOT%/services/churn/conf/local/mlflow.yml:12',
    ]);
    const { originalUriBaseIds } = await runOf(report(project()));
    expect(Object.keys(originalUriBaseIds)).to.deep.equal(['%SRCROOT%']);
    expect(JSON.stringify(originalUriBaseIds)).not.to.contain('uri');
  });

  it('gives a place to what has none, without which code scanning refuses all', async () => {
    expect(await placesOf([PLACELESS, finding({ place: { file: 'Dockerfile' } })], 'a')).to.deep.equal([
      '%SRCROOT%/a/pyproject.toml:1',
      '%SRCROOT%/a/Dockerfile:1',
    ]);
  });

  it('writes file names as URIs', async () => {
    expect(await placesOf([finding({ place: { file: 'my data/50%#é?.json', line: 1 } })])).to.deep.equal([
      '%SRCROOT%/my%20data/50%25%23%C3%A9%3F.json:1',
    ]);
  });

  it('makes no link of what a file is called', async () => {
    const [result] = await resultsOf([finding({ message: 'see [here](https://evil.example.com)' })]);
    expect(result?.message.text).not.to.contain('](');
  });

  it('knows a finding again where only its line has changed, and tells others apart', async () => {
    const print = async (changes: Partial<Finding>) =>
      Object.values((await resultsOf([finding(changes)]))[0]?.partialFingerprints ?? {})[0];
    const original = await print({ message: 'requirements.txt:3 includes b.txt' });
    expect(original).to.match(/^[0-9a-f]{32}$/);
    const moved = await print({
      message: 'requirements.txt:4 includes b.txt',
      place: { file: 'conf/local/mlflow.yml', line: 99 },
    });
    expect(moved).to.equal(original);
    const others = await Promise.all([
      print({ message: 'requirements.txt:3 includes c.txt' }),
      print({ message: 'requirements.txt:3 includes b.txt', rule: 'kedro-project' }),
      print({ message: 'requirements.txt:3 includes b.txt', place: { file: 'conf/prod/mlflow.yml', line: 12 } }),
    ]);
    expect(new Set([original, ...others]).size).to.equal(4);
  });

  it('keeps the uploads of projects and environments apart', async () => {
    const id = async (...given: readonly ProjectReport[]) => (await runOf(report(...given))).automationDetails.id;
    expect(await id(project())).to.equal('kdeploy/local/');
    expect(await id(project({ folder: 'services/churn', env: 'prod' }))).to.equal('kdeploy/services/churn/prod/');
    expect(await id(project({ folder: 'a' }), project({ folder: 'b' }))).to.equal('kdeploy/local/');
  });

  it('is valid whatever files are called and findings say', async () => {
    const text = fc.string({ unit: 'binary', minLength: 1, maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(text, text, text, async (file, message, remedy) => {
        await runOf(report(project({ findings: [finding({ place: { file, line: 1 }, message, remedy })] })));
      }),
      { numRuns: 50 },
    );
  });
});
