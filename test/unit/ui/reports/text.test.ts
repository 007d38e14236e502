import { expect } from 'chai';
import { text } from '../../../../src/ui/reports/text.js';
import { finding, PLAIN, project, report } from './reports.js';

const ONE = `conf/local/mlflow.yml:12: error: the tracking URI is the container itself [tracking-uri-usable]
    next: name the server: https://mlflow.example.com`;

describe('a report as text', () => {
  it('is the findings, with places as they are in the project', () => {
    expect(text.render(report(project({ folder: 'services/churn', findings: [finding()] })), PLAIN)).to.equal(ONE);
  });

  it('is nothing when nothing is wrong', () => {
    expect(text.render(report(project()), PLAIN)).to.equal('');
    expect(text.render(report(project(), project()), PLAIN)).to.equal('');
  });

  it('goes project by project where there are several, with places as they are in the repository', () => {
    const several = report(
      project({ name: 'Churn', folder: 'services/churn', findings: [finding()] }),
      project({ name: 'Quiet', folder: 'services/quiet' }),
      project({ name: 'Root', findings: [finding()] }),
    );
    expect(text.render(several, PLAIN)).to.equal(`Churn (services/churn)\nservices/churn/${ONE}\n\nRoot\n${ONE}`);
  });

  it('has colours only where they are wanted', () => {
    const coloured = text.render(report(project({ findings: [finding()] })), { ...PLAIN, colours: true });
    expect(coloured).to.contain('\u001B[31m');
  });
});
