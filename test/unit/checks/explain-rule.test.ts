import { readdirSync } from 'node:fs';
import { expect } from 'chai';
import { explainRule } from '../../../src/checks/explain-rule.js';
import { EXPLAINED_IDS } from '../../../src/rule-ids.js';
import { rejection } from '../../support/rejection.js';

describe('the explanation of a check', () => {
  it('is there for each page, and for no other', () => {
    const pages = readdirSync(new URL('../../../docs/checks', import.meta.url));
    expect(pages).to.have.members(EXPLAINED_IDS.map((id) => `${id}.md`));
  });

  for (const id of EXPLAINED_IDS) {
    it(`is the page of ${id}`, async () => {
      expect((await explainRule(id)).markdown).to.match(new RegExp(`^# \`${id}\``));
    });
  }

  const mistakes: readonly [name: string, message: string, hint: string | RegExp][] = [
    [
      'mlflow-config-exist',
      'there is no check "mlflow-config-exist"; did you mean mlflow-config-exists?',
      'run kdeploy check --explain mlflow-config-exists',
    ],
    [
      'MLFLOW_ONLINE',
      'there is no check "MLFLOW_ONLINE"; did you mean mlflow-online?',
      'run kdeploy check --explain mlflow-online',
    ],
    ['', 'there is no check ""', /^choose one of these:\n {2}kedro-project\n/],
    ['../../README', 'there is no check "../../README"', /^choose one of these:\n {2}kedro-project\n/],
    ['\u001b[2J', 'there is no check "\\u001b[2J"', /^choose one of these:\n/],
  ];
  for (const [name, message, hint] of mistakes) {
    it(`is refused for "${name}", with what may be meant`, async () => {
      const error = await rejection(explainRule(name));
      expect([error.code, error.message]).to.deep.equal(['usage', message]);
      if (typeof hint === 'string') expect(error.hint).to.equal(hint);
      else expect(error.hint).to.match(hint);
    });
  }
});
