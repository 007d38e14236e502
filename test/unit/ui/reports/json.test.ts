import { Ajv } from 'ajv';
import { expect } from 'chai';
import { json } from '../../../../src/ui/reports/json.js';
import { projectReport, type Report } from '../../../../src/ui/reports/report.js';
import { expectOutput, OUTPUT_SCHEMAS } from '../../../support/output-schemas.js';
import { finding, PLACELESS, project, report } from './reports.js';

const validate = new Ajv({ allowUnionTypes: true }).compile(OUTPUT_SCHEMAS.get('check-report') ?? {});

const parsed = (given: Report): unknown => JSON.parse(json.render(given));

describe('a report as JSON', () => {
  const reports: readonly [what: string, report: Report][] = [
    ['nothing found', report(project())],
    [
      'findings with and without place',
      report(project({ findings: [finding(), PLACELESS, finding({ place: { file: 'a' } })] })),
    ],
    ['a finding that can be fixed automatically', report(project({ findings: [{ ...finding(), fixable: true }] }))],
    ['no tracking', report(project({ tracking: null }))],
    ['no URI', report(project({ tracking: { uri: null, experiment: 'churn' } }))],
    [
      'several projects, and a check that is off',
      report(project({ folder: 'a/b', off: ['kedro-project'] }), project()),
    ],
    ['no project', report()],
  ];
  for (const [what, given] of reports) {
    it(`is as its published schema says: ${what}`, () => {
      expectOutput('check-report', parsed(given));
    });
  }

  it('is everything that is known', () => {
    const given = report(project({ findings: [finding()] }));
    expect(parsed(given)).to.deep.equal(given);
  });

  const wrong: readonly [what: string, value: unknown][] = [
    ['another version', { ...report(), version: 2 }],
    ['a severity that there is not', report(project({ findings: [{ ...finding(), severity: 'fatal' as 'error' }] }))],
    ['a line 0', report(project({ findings: [finding({ place: { file: 'a', line: 0 } })] }))],
    ['a project without its environment', { ...report(), projects: [{ ...project(), env: undefined }] }],
  ];
  for (const [what, value] of wrong) {
    it(`has a schema that refuses ${what}`, () => {
      expect(validate(JSON.parse(JSON.stringify(value)))).to.equal(false);
    });
  }

  it('has a schema that lets later versions add keys', () => {
    expect(validate({ ...report({ ...project(), later: 1 } as never), later: true })).to.equal(true);
  });

  it('holds no password of a tracking URI', () => {
    const tracking = {
      uri: 'https://ada:hunter2@mlflow.example.com',
      registryUri: undefined,
      experiment: 'churn',
      source: undefined,
      registrySource: undefined,
    };
    const made = projectReport({
      name: 'Churn',
      folder: '',
      env: 'local',
      checked: { findings: [], rules: [], off: [], tracking },
    });
    expect(JSON.stringify(made)).not.to.contain('hunter2').and.not.to.contain('ada');
    expect(made.tracking?.uri).to.contain('mlflow.example.com');
  });
});
