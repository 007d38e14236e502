import { expect } from 'chai';
import type { Finding } from '../../../src/finding.js';
import type { Fix } from '../../../src/finding.js';
import { KdeployError } from '../../../src/errors.js';
import { planFixes, type PlanOptions } from '../../../src/fix/plan-fixes.js';
import { memorySource } from '../../support/memory-source.js';

const finding = (fix?: Fix): Finding => ({
  rule: 'a-rule',
  severity: 'error',
  message: 'm',
  remedy: 'r',
  ...(fix && { fix }),
});

const require = (requirement: string): Fix => ({ kind: 'add-requirement', file: 'requirements.txt', requirement });

const plan = async (options: Partial<PlanOptions>) => {
  const { changes, refused } = await planFixes({
    source: memorySource({ 'requirements.txt': 'kedro\n' }),
    findings: [],
    check: () => Promise.resolve([]),
    mlflowTemplate: () => Promise.reject(new KdeployError('tool-missing', 'no kedro')),
    assertWritable: () => Promise.resolve(),
    ...options,
  });
  return {
    changes: changes.map(({ file, before, after }) => [file, before?.toString(), after.toString()]),
    refused: refused.map(({ reason }) => reason.message),
  };
};

describe('the plan of all fixes', () => {
  it('is empty where nothing has a fix, and asks no check', async () => {
    const check = () => Promise.reject(new Error('asked'));
    expect(await plan({ findings: [finding()], check })).to.deep.equal({ changes: [], refused: [] });
  });

  it('is one change for a file, however many fixes it takes, and one fix for findings that say the same', async () => {
    const findings = [finding(require('a')), finding(require('b')), finding(require('a'))];
    expect((await plan({ findings })).changes).to.deep.equal([['requirements.txt', 'kedro\n', 'kedro\na\nb\n']]);
  });

  it('fixes what comes to light when something is fixed', async () => {
    const { changes } = await plan({
      findings: [finding(require('kedro-mlflow'))],
      check: async (source) => {
        const text = (await source.read('requirements.txt'))?.toString() ?? '';
        return text.includes('kedro-mlflow\n') && !text.includes('kedro-datasets')
          ? [finding(require('kedro-datasets'))]
          : [];
      },
    });
    expect(changes[0]?.[2]).to.equal('kedro\nkedro-mlflow\nkedro-datasets\n');
  });

  it('ends, also with a check that is never content', async () => {
    let round = 0;
    const check = () => Promise.resolve([finding(require(`a${round++}`))]);
    const { changes } = await plan({ findings: [finding(require('a'))], check });
    expect(changes[0]?.[2]?.split('\n').length).to.be.below(10);
  });

  it('reports what is not safe, and fixes the rest', async () => {
    const findings = [finding({ kind: 'write-mlflow-config', file: 'conf/local/mlflow.yml' }), finding(require('a'))];
    expect(await plan({ findings })).to.deep.equal({
      changes: [['requirements.txt', 'kedro\n', 'kedro\na\n']],
      refused: ['no kedro'],
    });
  });

  describe('where a fix would bring another error', () => {
    const other = (file?: string): Finding => ({
      rule: 'another-rule',
      severity: 'error',
      message: 'b is wrong',
      remedy: 'change b',
      ...(file && { place: { file } }),
    });
    /** Adding b is wrong, unless c is there as well. */
    const check = (found: Finding[]) => async (source: PlanOptions['source']) => {
      const lines = (await source.read('requirements.txt'))?.toString().split('\n') ?? [];
      return lines.includes('b') && !lines.includes('c') ? found : [];
    };

    it('leaves it out with the reason, and makes the others', async () => {
      const findings = [finding(require('a')), finding(require('b')), finding(require('d'))];
      expect(await plan({ findings, check: check([other()]) })).to.deep.equal({
        changes: [['requirements.txt', 'kedro\n', 'kedro\na\nd\n']],
        refused: ['the fix would cause another error: b is wrong'],
      });
    });

    it('makes it where that error is fixed as well', async () => {
      const found = [{ ...other(), fix: require('c') }];
      expect(await plan({ findings: [finding(require('b'))], check: check(found) })).to.deep.equal({
        changes: [['requirements.txt', 'kedro\n', 'kedro\nb\nc\n']],
        refused: [],
      });
    });

    it('makes neither where the fix of that error brings a third one', async () => {
      const findings = [finding(require('b'))];
      const third = async (source: PlanOptions['source']) =>
        (await source.read('requirements.txt'))?.includes('c') === true
          ? [other('c')]
          : [{ ...other(), fix: require('c') }];
      expect((await plan({ findings, check: third })).changes).to.deep.equal([]);
    });

    it('does not mind a warning, nor an error that was there before in other words', async () => {
      const findings = [finding(require('b')), { ...other('x'), message: 'a and b are wrong' }];
      for (const found of [{ ...other('y'), severity: 'warning' as const }, other('x')])
        expect((await plan({ findings, check: check([found]) })).refused).to.deep.equal([]);
      expect((await plan({ findings, check: check([other('y')]) })).refused).to.have.length(1);
    });
  });

  it('plans nothing for a file that may not be written', async () => {
    const assertWritable = (file: string) => Promise.reject(new KdeployError('configuration', `${file} is a link`));
    expect(await plan({ findings: [finding(require('a'))], assertWritable })).to.deep.equal({
      changes: [],
      refused: ['requirements.txt is a link'],
    });
  });

  it('does not hide a bug', async () => {
    const assertWritable = () => Promise.reject(new TypeError('bug'));
    const error = await plan({ findings: [finding(require('a'))], assertWritable }).catch((thrown: unknown) => thrown);
    expect(error).to.be.instanceOf(TypeError);
  });
});
