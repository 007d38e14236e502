import { existsSync } from 'node:fs';
import { expect } from 'chai';
import { documentPath, templatePath } from '../../src/template-files.js';

describe('a template', () => {
  for (const name of [
    'kdeploy.yml',
    'ci/github.yml',
    'ci/gitlab.yml',
    'ci/cloudbuild.yaml',
    'runtime/kdeploy_runtime/__main__.py',
  ]) {
    it(`${name} is found`, () => {
      expect(existsSync(templatePath(name))).to.equal(true);
    });
  }
});

describe('a document', () => {
  it('is found', () => {
    expect(existsSync(documentPath('checks/kedro-project.md'))).to.equal(true);
  });
});
