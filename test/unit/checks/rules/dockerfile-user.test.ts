import { expect } from 'chai';
import { dockerfileUser } from '../../../../src/checks/rules/dockerfile-user.js';
import { findingsOf } from '../../../support/check-rule.js';

const findings = (...lines: string[]) => findingsOf(dockerfileUser, { files: { Dockerfile: lines.join('\n') } });

describe('dockerfile-user', () => {
  it('reports a user whom nobody makes', async () => {
    expect(await findings('FROM python:3.11-slim', 'USER kedro:kedro')).to.deep.equal([
      'error Dockerfile: Dockerfile sets USER kedro, but no such user exists: python:3.11-slim does not have it and no instruction creates it',
    ]);
  });

  const fine: [name: string, lines: string[]][] = [
    ['one that is made', ['FROM python:3.11', 'RUN useradd -m kedro', 'USER kedro']],
    ['one that a here-document makes', ['FROM python:3.11', 'RUN <<EOF', 'adduser kedro', 'EOF', 'USER kedro']],
    ['one that a script may make', ['FROM python:3.11', 'RUN ./setup.sh', 'USER kedro']],
    ['one of a passwd that is copied', ['FROM python:3.11', 'COPY passwd /etc/passwd', 'COPY etc /etc', 'USER kedro']],
    ['one that Debian has', ['FROM python:3.11', 'USER nobody']],
    ['a number', ['FROM python:3.11', 'USER 1000:0']],
    ['one that a base image of one’s own may have', ['FROM acme/python:3.11', 'USER kedro']],
    ['an unknown one', ['FROM python:3.11', 'USER $WHO']],
    ['no USER', ['FROM python:3.11']],
    ['another user in a stage that is not used', ['FROM python:3.11 AS a', 'USER kedro', 'FROM python:3.11']],
  ];
  for (const [name, lines] of fine)
    it(`is content with ${name}`, async () => expect(await findings(...lines)).to.deep.equal([]));

  const install = 'RUN pip install --user kedro';
  it('warns of packages in the home of root that another user is to use', async () => {
    const expected = 'runs pip install --user as root: it installs into /root/.local, which USER app cannot read';
    const one = await findings('FROM python:3.11', 'RUN useradd app', install, 'USER app');
    expect(one).to.deep.equal([`warning Dockerfile:3: Dockerfile ${expected}`]);
    const staged = [
      'FROM python:3.11 AS b',
      install,
      'FROM python:3.11',
      'RUN useradd app',
      'COPY --from=b /root/.local /root/.local',
      'USER app',
    ];
    expect(await findings(...staged)).to.have.length(1);
  });

  const readable: [name: string, lines: string[]][] = [
    ['root itself', ['FROM python:3.11', install]],
    ['the same user', ['FROM python:3.11', 'RUN useradd app', 'USER app', install]],
    [
      'a copy to another home',
      [
        'FROM python:3.11 AS b',
        install,
        'FROM python:3.11',
        'RUN useradd app',
        'COPY --from=b /root/.local /home/app/.local',
        'USER app',
      ],
    ],
    [
      'another folder than the home’s',
      ['FROM python:3.11', 'ENV PYTHONUSERBASE=/opt', 'RUN useradd app', install, 'USER app'],
    ],
    [
      'a folder that is opened',
      ['FROM python:3.11', 'RUN useradd app', install, 'RUN chmod -R a+rX /root', 'USER app'],
    ],
    ['a base image whose user is not known', ['FROM acme/python', 'RUN useradd app', install, 'USER app']],
  ];
  for (const [name, lines] of readable)
    it(`does not warn with ${name}`, async () => expect(await findings(...lines)).to.deep.equal([]));
});
