import { expect } from 'chai';
import type { Finding } from '../../../../src/finding.js';
import { github } from '../../../../src/ui/reports/github.js';
import { finding, PLACELESS, project, report } from './reports.js';

const annotations = (findings: readonly Finding[], folder = '') => github.render(report(project({ findings, folder })));

describe('findings as GitHub’s annotations', () => {
  it('name file, line and rule', () => {
    expect(annotations([finding()])).to.equal(
      '::error file=conf/local/mlflow.yml,line=12,title=kdeploy%3A tracking-uri-usable::' +
        'the tracking URI is the container itself. Next: name the server: https://mlflow.example.com',
    );
  });

  it('name the file as the repository has it, where the project is a folder of that', () => {
    expect(annotations([finding()], 'services/churn')).to.match(
      /^::error file=services\/churn\/conf\/local\/mlflow.yml,line=12,/,
    );
  });

  it('are those of all projects', () => {
    const both = report(
      project({ folder: 'a', findings: [finding()] }),
      project({ folder: 'b', findings: [finding()] }),
    );
    expect(github.render(both).match(/file=\w\//g)).to.deep.equal(['file=a/', 'file=b/']);
  });

  for (const [severity, command] of [
    ['error', 'error'],
    ['warning', 'warning'],
    ['info', 'notice'],
  ] as const) {
    it(`are a ${command} for ${severity}`, () => {
      expect(annotations([finding({ severity })])).to.match(new RegExp(`^::${command} file=`));
    });
  }

  it('name only what is known of the place', () => {
    expect(annotations([PLACELESS], 'services/churn')).to.match(/^::error title=kdeploy%3A/);
    expect(annotations([finding({ place: { file: 'a' } })])).to.match(/^::error file=a,title=/);
  });

  it('cannot be broken out of by what a project’s files are called or say', () => {
    const annotation = annotations([
      finding({ place: { file: 'a,line=9::b%\r\n::set-output', line: 1 }, message: 'x\n::error::injected 100%' }),
    ]);
    expect(annotation.split('\n')).to.have.lengthOf(1);
    expect(annotation).to.match(/^::error file=a%2Cline=9%3A%3Ab%25%0D%0A%3A%3Aset-output,line=1,title=/);
    expect(annotation).to.contain('::x%0A::error::injected 100%25. Next: ');
  });

  it('are one line each, and nothing where there is nothing', () => {
    expect(annotations([finding(), finding()]).split('\n')).to.have.lengthOf(2);
    expect(annotations([])).to.equal('');
  });
});
