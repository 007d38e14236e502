import { expect } from 'chai';
import { KdeployError } from '../../../src/errors.js';
import { workspaceHeader, workspaceOf } from '../../../src/mlflow/workspace.js';

describe('the workspace of an MLflow server', () => {
  const values: readonly [value: string | undefined, workspace: string | undefined][] = [
    ['team-a', 'team-a'],
    [' team-a\n', 'team-a'],
    ['default', 'default'],
    ['', undefined],
    ['  ', undefined],
    [undefined, undefined],
  ];
  for (const [value, workspace] of values) {
    it(`is ${workspace ?? 'none'} where MLFLOW_WORKSPACE is ${JSON.stringify(value)}`, () => {
      const environment = { MLFLOW_WORKSPACE: value };
      expect(workspaceOf(environment)).to.equal(workspace);
      const header = workspace === undefined ? {} : { 'X-MLFLOW-WORKSPACE': workspace };
      expect(workspaceHeader(environment)).to.deep.equal(header);
    });
  }

  for (const value of ['Flüge', 'a\nb', 'a\0b', 'a\tb']) {
    it(`has no name that a header cannot carry: ${JSON.stringify(value)}`, () => {
      expect(() => workspaceHeader({ MLFLOW_WORKSPACE: value })).to.throw(
        KdeployError,
        'MLFLOW_WORKSPACE contains characters that no workspace has in its name',
      );
    });
  }
});
