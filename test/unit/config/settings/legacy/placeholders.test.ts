import { expect } from 'chai';
import {
  fillPlaceholders,
  imageSettings,
  useGitPlaceholders,
} from '../../../../../src/config/settings/legacy/placeholders.js';

describe('the placeholders of kedro-airflow-k8s', () => {
  const filled: readonly [text: string, variables: Record<string, string>, result: string][] = [
    ['x-${branch_name|local}', {}, 'x-local'],
    ['x-${branch_name|local}', { KEDRO_CONFIG_BRANCH_NAME: 'main' }, 'x-main'],
    ['x-${branch_name|}', {}, 'x-'],
    ['x-${branch_name}', {}, 'x-${branch_name}'],
    ['${a|1}-${b|2}', { KEDRO_CONFIG_B: 'y' }, '1-y'],
    ['${oc.env:X}', {}, '${oc.env:X}'],
    ['$branch_name', { KEDRO_CONFIG_BRANCH_NAME: 'main' }, '$branch_name'],
  ];
  for (const [text, variables, result] of filled) {
    it(`make ${result} of ${text} with ${JSON.stringify(variables)}`, () => {
      expect(fillPlaceholders(text, variables)).to.equal(result);
    });
  }

  it('are kept for a migration, with their defaults', () => {
    expect(fillPlaceholders('x-${branch_name|local}', undefined)).to.equal('x-${branch_name|local}');
  });

  it('give way to kdeploy’s own, unless CI sets the variable', () => {
    expect(useGitPlaceholders('a:${commit_id|dirty}', { commit_id: '{git.sha}' })).to.equal('a:{git.sha}');
    const variables = { KEDRO_CONFIG_COMMIT_ID: 'abc' };
    expect(useGitPlaceholders('a:${commit_id}', { commit_id: '{git.sha}' }, variables)).to.equal('a:${commit_id}');
  });

  it('leave an image out of a migration whose place a default would decide', () => {
    expect(imageSettings('gcr.io/${project|acme}/app:v1', undefined)).to.equal(undefined);
    expect(imageSettings('gcr.io/${project|acme}/app:v1', {})).to.deep.equal({ name: 'gcr.io/acme/app', tags: ['v1'] });
    expect(imageSettings('gcr.io/acme/app:${commit_id|dirty}', undefined)).to.deep.equal({
      name: 'gcr.io/acme/app',
      tags: ['{git.sha}'],
    });
  });
});
