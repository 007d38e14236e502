import { expect } from 'chai';
import { KdeployError } from '../../../src/errors.js';
import { judgeSelfTest, type SelfTestWords } from '../../../src/bake/self-test-report.js';

const REPORT = {
  ok: true,
  tracking_uri: 'https://mlflow.example.com',
  experiment: 'flights',
  steps: [
    { name: 'settings', ok: true, error: null, hint: null },
    { name: 'kedro', ok: true },
  ],
  project_files: ['src/flights/settings.py'],
};
const EXPECTED = { uri: 'https://mlflow.example.com', experiment: 'flights' };
const IN_THE_IMAGE: SelfTestWords = { where: '', noReportHint: 'check the Dockerfile' };

describe('what the self-test of an image printed', () => {
  const judge = (stdout: string, stderr = '', words = IN_THE_IMAGE): readonly string[] => {
    const lines = (text: string): string[] => text.split('\n').filter((line) => line.trim() !== '');
    return judgeSelfTest({ stdout: lines(stdout), stderr: lines(stderr) }, EXPECTED, words);
  };
  const failure = (...given: Parameters<typeof judge>): KdeployError => {
    try {
      judge(...given);
    } catch (error) {
      if (error instanceof KdeployError) return error;
      throw error;
    }
    throw new Error('the image passed');
  };
  const reportOf = (changes: object) => `${JSON.stringify({ ...REPORT, ...changes })}\n`;
  const failed = (name: string, message: string, hint: string | null = null, type = 'Failed') => ({
    name,
    ok: false,
    error: { type, message },
    hint,
  });

  it('finds the report behind what other libraries print, however much', () => {
    const printed = judge(
      `{"not": "the report"}\n${'noise\n'.repeat(50_000)}${reportOf({})}\n\n`,
      'a warning\n'.repeat(10_000),
    );
    expect(printed).to.deep.equal(['src/flights/settings.py']);
  });

  it('takes a report without files for one that rests on none', () => {
    expect(judge(reportOf({ project_files: undefined }))).to.deep.equal([]);
  });

  const failures: readonly [what: string, changes: object, message: string, hint?: string][] = [
    [
      'logs to another server',
      { tracking_uri: 'https://other.example.com' },
      'kedro-mlflow would log to https://other.example.com instead of https://mlflow.example.com',
    ],
    [
      'logs to no server',
      { tracking_uri: null },
      'kedro-mlflow would log to no server instead of https://mlflow.example.com',
    ],
    ['logs to another experiment', { experiment: 'Flights' }, 'the experiment would be Flights instead of flights'],
    [
      'cannot load the project',
      { ok: false, steps: [failed('kedro-project', 'No module named x', 'add x to requirements.txt')] },
      'kedro-project: No module named x',
      'add x to requirements.txt',
    ],
    [
      'fails in one step, so that others could not even run',
      { ok: false, steps: [failed('import', 'no mlflow'), failed('tracking', 'not run', 'never mind', 'NotRun')] },
      'import: no mlflow',
    ],
    ['fails without a word', { ok: false, steps: [{ name: 'import', ok: false }] }, 'import failed'],
    ['fails without saying where', { ok: false, steps: [] }, 'its self-test failed'],
  ];
  for (const [what, changes, message, hint] of failures) {
    it(`refuses an image that ${what}`, () => {
      const error = failure(reportOf(changes));
      expect([error.code, error.exitCode, error.message]).to.deep.equal([
        'self-test-failed',
        4,
        `the image would not log to MLflow: ${message}`,
      ]);
      if (hint !== undefined) expect(error.hint).to.equal(hint);
      expect(error.hint).not.to.equal(undefined);
    });
  }

  it('tells everything that differs at once', () => {
    expect(failure(reportOf({ tracking_uri: null, experiment: null })).message).to.match(
      /no server instead of .*; the experiment would be none instead/,
    );
  });

  for (const [what, stdout] of [
    ['nothing', ''],
    ['no report', 'hello\n'],
    ['another program’s JSON', '{"level":"info"}\n'],
  ] as const) {
    it(`shows the last lines of an image that prints ${what}`, () => {
      const error = failure(stdout, 'python: not found\n');
      expect([error.code, error.message]).to.deep.equal(['self-test-failed', 'the image could not run its self-test']);
      expect(error.output).to.deep.equal([...stdout.split('\n').filter(Boolean), 'python: not found']);
    });
  }

  it('refuses a report that was cut off', () => {
    expect(failure('{"ok": true, "steps"\n').message).to.match(
      /^the image's self-test did not print a valid report: ./,
    );
  });

  it('says where it was tested, if not in the image itself', () => {
    const words = { where: ' (tested elsewhere)', noReportHint: 'try again' };
    expect([
      failure(reportOf({ experiment: null }), '', words).message,
      failure('{"ok": true, "steps"\n', '', words).message.split(':')[0],
      ...[failure('', 'no', words)].flatMap(({ message, hint }) => [message, hint]),
    ]).to.deep.equal([
      'the image would not log to MLflow (tested elsewhere): the experiment would be none instead of flights',
      "the image's self-test did not print a valid report (tested elsewhere)",
      'the image could not run its self-test (tested elsewhere)',
      'try again',
    ]);
  });
});
