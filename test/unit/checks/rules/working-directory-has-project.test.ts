import { expect } from 'chai';
import { workingDirectoryHasProject } from '../../../../src/checks/rules/working-directory-has-project.js';
import { findingsOf } from '../../../support/check-rule.js';

const findings = (...lines: string[]) =>
  findingsOf(workingDirectoryHasProject, { files: { Dockerfile: ['FROM python:3.11', ...lines].join('\n') } });

describe('working-directory-has-project', () => {
  it('reports a project that is copied elsewhere', async () => {
    expect(await findings('WORKDIR /srv', 'COPY . /app')).to.deep.equal([
      'error Dockerfile:3: Dockerfile copies the project to /app, but the container starts in /srv, where Kedro cannot find it',
    ]);
  });

  const fine: [name: string, lines: string[]][] = [
    ['the same folder', ['WORKDIR /app', 'COPY . .']],
    ['a WORKDIR that comes last', ['COPY . /app', 'WORKDIR /app']],
    ['a copy from another stage', ['COPY . /app', 'FROM python:3.11', 'WORKDIR /srv', 'COPY --from=0 /app /srv']],
    ['conf/ copied by itself', ['WORKDIR /srv', 'COPY . /build', 'COPY conf conf']],
    ['a RUN that may move it', ['WORKDIR /srv', 'COPY . /app', 'RUN mv /app/* /srv']],
    ['a working directory of the base image', ['COPY . /app']],
    ['a project that is not copied as a whole', ['WORKDIR /srv', 'COPY src /app/src']],
    ['a variable that is not known', ['WORKDIR $HOME/x', 'COPY . /app']],
  ];
  for (const [name, lines] of fine)
    it(`is content with ${name}`, async () => expect(await findings(...lines)).to.deep.equal([]));

  it('is content with kedro docker’s own', async () =>
    expect(await findingsOf(workingDirectoryHasProject, { files: {} })).to.deep.equal([]));
});
