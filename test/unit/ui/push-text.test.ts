import { expect } from 'chai';
import type { Severity } from '../../../src/finding.js';
import type { CheckedProject } from '../../../src/hook/push/check-push.js';
import { pushText, verdictText } from '../../../src/ui/push-text.js';

function checked(folder: string, commit: string, ...severities: Severity[]): CheckedProject {
  return {
    folder,
    commit: commit.repeat(40),
    refs: [`refs/heads/${commit}`, 'refs/tags/v1'],
    findings: severities.map((severity) => ({
      rule: 'a-rule',
      severity,
      message: 'it is broken',
      remedy: 'fix it',
      place: { file: `${folder}/a.yml`, line: 3 },
    })),
    warnings: [],
  };
}

describe('what git push shows of the check', () => {
  it('is the findings as a compiler has them', () => {
    expect(pushText([checked('churn', 'a', 'error'), checked('fraud', 'a')])).to.equal(
      'churn/a.yml:3: error: it is broken [a-rule]\n    next: fix it',
    );
  });

  it('names the commits where there are several', () => {
    const text = pushText([checked('churn', 'a', 'error'), checked('churn', 'b', 'warning'), checked('churn', 'c')]);
    expect(text.split('\n').filter((line) => line.startsWith('In '))).to.deep.equal([
      'In aaaaaaaaaaaa (a, v1):',
      'In bbbbbbbbbbbb (b, v1):',
    ]);
  });

  it('ends with what becomes of the push, and how to go on', () => {
    expect(
      verdictText([checked('churn', 'a', 'error', 'warning'), checked('fraud', 'a')], { isByHand: false }).split('\n'),
    ).to.deep.equal([
      'kdeploy checked churn, fraud as committed: 1 error, 1 warning.',
      'Push rejected by kdeploy.',
      '    next: in churn, fix the errors, commit the changes, and push again',
      '    to push without the check: git push --no-verify, or KDEPLOY_SKIP_HOOK=1 git push',
    ]);
    expect(verdictText([checked('', 'a', 'error')], { isByHand: true })).to.contain('kdeploy would reject this push.');
  });

  it('says in which folder the remedies are to be typed', () => {
    const next = (...projects: CheckedProject[]) => verdictText(projects, { isByHand: false }).split('\n')[2];
    expect(next(checked('', 'a', 'error'))).to.equal('    next: fix the errors, commit the changes, and push again');
    expect(next(checked('churn', 'a', 'error'), checked('fraud', 'b', 'error'))).to.contain(
      "in each project's folder, fix",
    );
    expect(next(checked('churn', 'a', 'error'), checked('fraud', 'b', 'warning'))).to.contain('in churn, fix');
  });

  it('is one line where nothing stops it', () => {
    expect(verdictText([checked('', 'a', 'warning')], { isByHand: false })).to.equal(
      'kdeploy checked the project as committed: 1 warning.',
    );
  });

  it('does not list a hundred projects', () => {
    const many = Array.from({ length: 100 }, (_, index) => checked(`p${index}`, 'a'));
    expect(verdictText(many, { isByHand: false })).to.equal('kdeploy checked 100 projects as committed: no problems.');
  });
});
