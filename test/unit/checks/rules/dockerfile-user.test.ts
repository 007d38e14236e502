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
    [
      'a folder that is given away',
      ['FROM python:3.11', 'RUN useradd app', install, 'RUN chown app /root', 'USER app'],
    ],
    ['an owner who is a number', ['FROM python:3.11', install, 'RUN chown -R 1000:1000 /root', 'USER 1000']],
    ['an owner who may be the same', ['FROM python:3.11', install, 'ARG W', 'RUN chown -R $W ~', 'USER 1000']],
    ['a folder that all may enter', ['FROM python:3.11', install, 'RUN ["chmod", "o+x", "/root"]', 'USER 1000']],
    ['everything opened', ['FROM python:3.11', install, 'RUN cd / && chmod -R go=rX .', 'USER 1000']],
    [
      'folders opened one by one',
      ['FROM python:3.11', install, 'RUN find /root -type d -exec chmod 755 {} +', 'USER 1000'],
    ],
    ['a mode for the group of root', ['FROM python:3.11', install, 'RUN chmod 710 /root', 'USER 1000']],
    ['that group by name', ['FROM python:3.11', install, 'RUN chmod g+x /root', 'USER www-data:root']],
    ['a user in that group', ['FROM python:3.11', 'RUN useradd -g 0 app', install, 'RUN chmod g+x /root', 'USER app']],
    ['another group', ['FROM python:3.11', install, 'RUN chgrp 7 /root && chmod g+x /root', 'USER 1000:7']],
    ['a script that may open it', ['FROM python:3.11', install, 'RUN ./open.sh', 'USER 1000']],
    ['another home of root', ['FROM python:3.11', 'ENV HOME=/srv', install, 'USER 1000']],
    [
      'a variable of the command',
      ['FROM python:3.11', 'RUN PYTHONUSERBASE=/opt pip install --user kedro', 'USER 1000'],
    ],
    ['an installer who is not known', ['FROM python:3.11', 'USER $WHO', install, 'USER 1000']],
    ['an installation as another user', ['FROM python:3.11', 'RUN gosu app pip install --user kedro', 'USER 1000']],
    ['root by number', ['FROM python:3.11', install, 'USER 0:0']],
    ['a USER that is not known', ['FROM python:3.11', install, 'USER $WHO']],
    ['a virtual environment elsewhere', ['FROM python:3.11', 'RUN python -m venv /opt/venv', 'USER 1000']],
    [
      'one that is moved',
      [
        'FROM python:3.11 AS b',
        'RUN python -m venv /root/v',
        'FROM python:3.11',
        'COPY --from=b /root/v /opt/v',
        'USER 1000',
      ],
    ],
    [
      'Poetry without one',
      ['FROM python:3.11', 'ENV POETRY_VIRTUALENVS_CREATE=false', 'RUN poetry install', 'USER 1000'],
    ],
    [
      'Poetry told without a variable',
      ['FROM python:3.11', 'RUN poetry config virtualenvs.create false && poetry install', 'USER 1000'],
    ],
  ];
  for (const [name, lines] of readable)
    it(`does not warn with ${name}`, async () => expect(await findings(...lines)).to.deep.equal([]));

  const closed: [name: string, lines: string[]][] = [
    ['what is below it', ['RUN chmod -R 777 /root/.local']],
    ['what is below it, for the user', ['RUN chown -R app:app /root/.local/']],
    ['another folder', ['RUN chown -R app:app /app && chmod +x /app/run']],
    ['all that is in it', ['RUN chmod 755 /root/*']],
    ['a mode for root alone', ['RUN chmod -R u+rwx,go-w /root && chmod 700 /root']],
    ['another owner', ['RUN chown -R kedro:app /root']],
    ['a group alone', ['RUN chown -R :app /root && chgrp app /root']],
    ['a mode for a group that the user is not in', ['RUN chmod g+rx /root']],
    ['a COPY with an owner', ['COPY --chown=app:app . /app']],
  ];
  for (const [name, lines] of closed)
    it(`warns as well where a chmod or chown does not open the home of root: ${name}`, async () => {
      const [first = ''] = await findings('FROM python:3.11', 'RUN useradd app', install, ...lines, 'USER app');
      expect(first).to.equal(
        'warning Dockerfile:3: Dockerfile runs pip install --user as root: it installs into /root/.local, which USER app cannot read',
      );
    });

  it('warns as well where only a user without the right opens it, or another stage does', async () => {
    const user = ['FROM python:3.11', 'RUN useradd app', install, 'USER app', 'RUN chmod 755 /root || true'];
    expect(await findings(...user)).to.have.length(1);
    const stage = ['FROM python:3.11 AS b', 'RUN chmod 755 /root', 'FROM python:3.11', install, 'USER 1000:1000'];
    expect(await findings(...stage)).to.have.length(1);
  });

  const environments: [name: string, lines: string[], folder: string][] = [
    ['venv', ['RUN python -m venv --prompt app /root/venv'], '/root/venv'],
    ['virtualenv', ['RUN virtualenv -p python3.11 ~/venv'], '/root/venv'],
    ['uv venv', ['ENV VIRTUAL_ENV=/root/venv', 'RUN uv venv $VIRTUAL_ENV --python 3.11'], '/root/venv'],
    ['the default of uv venv', ['WORKDIR /root/app', 'RUN uv venv', 'WORKDIR /app'], '/root/app/.venv'],
    ['conda create', ['RUN conda create -y -p /root/env python=3.11'], '/root/env'],
    ['a here-document', ['RUN <<EOF', 'cd $HOME', 'python3 -m venv venv', 'EOF'], '/root/venv'],
    ['poetry install', ['RUN pip install poetry && poetry install --no-root'], '/root/.cache/pypoetry/virtualenvs'],
  ];
  for (const [name, lines, folder] of environments)
    it(`warns of a virtual environment in the home of root that another user is to use: ${name}`, async () => {
      expect(
        (await findings('FROM python:3.11', ...lines, 'USER 1000')).map((text) => text.replace(/:\d+:/, ':')),
      ).to.deep.equal([
        `warning Dockerfile: Dockerfile creates a virtual environment in ${folder}, which USER 1000 cannot read`,
      ]);
    });

  const variables: [name: string, lines: string[]][] = [
    ['PIP_USER', ['ENV PIP_USER=yes', 'RUN pip install kedro']],
    ['PIP_TARGET', ['ENV PIP_TARGET=/root/lib', 'RUN python -m pip install kedro']],
    ['UV_PROJECT_ENVIRONMENT', ['ENV UV_PROJECT_ENVIRONMENT=/root/.venv', 'RUN uv sync']],
  ];
  for (const [name, lines] of variables)
    it(`warns of the same by a variable: ${name}`, async () => {
      expect(await findings('FROM python:3.11', ...lines, 'USER 1000')).to.have.length(1);
      const [first = '', ...rest] = lines;
      expect(await findings('FROM python:3.11', first.replace(/=.*/, '=0'), ...rest, 'USER 1000')).to.deep.equal([]);
    });

  it('leaves Poetry’s virtual environment to poetry.toml', async () => {
    const Dockerfile = 'FROM python:3.11\nRUN poetry install\nUSER 1000';
    expect(await findingsOf(dockerfileUser, { files: { Dockerfile, 'poetry.toml': '' } })).to.deep.equal([]);
  });

  it('warns of packages for pip’s target, and of a working directory, in the home of root', async () => {
    expect(
      await findings(
        'FROM python:3.11',
        'RUN pip install -t /root/lib kedro',
        'WORKDIR /root',
        'WORKDIR app',
        'USER 1000',
      ),
    ).to.deep.equal([
      'warning Dockerfile:2: Dockerfile installs packages into /root/lib, which USER 1000 cannot read',
      'warning Dockerfile: Dockerfile starts the container in /root/app, which USER 1000 cannot read',
    ]);
  });

  it('reports a new user with the ID of one that the base image has', async () => {
    expect(await findings('FROM ubuntu:24.04', 'ARG U=1000', 'RUN useradd -m -u ${U} app', 'USER app')).to.deep.equal([
      'error Dockerfile:3: Dockerfile creates the user app with the ID 1000, which ubuntu:24.04 has given to the user ubuntu, so the build fails',
    ]);
    const taken = [
      'useradd --uid=33 app',
      'adduser --disabled-password --gecos "" --uid 33 app',
      'useradd -mu 33 app',
      'useradd -u33 app',
    ];
    for (const command of taken)
      expect(await findings('FROM python:3.11', `RUN ${command}`), command).to.have.length(1);
  });

  it('reports a new user or group that the base image has', async () => {
    expect(await findings('FROM python:3.11', 'RUN useradd backup')).to.deep.equal([
      'error Dockerfile:2: Dockerfile creates the user backup, which python:3.11 already has, so the build fails',
    ]);
    expect(await findings('FROM python:3.11', 'RUN groupadd -g 20 app')).to.deep.equal([
      'error Dockerfile:2: Dockerfile creates the group app with the ID 20, which python:3.11 has given to the group dialout, so the build fails',
    ]);
  });

  const untaken: [name: string, lines: string[]][] = [
    ['a free ID', ['FROM python:3.11', 'RUN useradd -u 1000 app']],
    ['an ID that may be given twice', ['FROM python:3.11', 'RUN useradd -o -u 33 app']],
    ['one whose user is removed', ['FROM ubuntu:24.04', 'RUN userdel -r ubuntu && useradd -u 1000 app']],
    ['a user who is looked for first', ['FROM ubuntu:24.04', 'RUN id 1000 || useradd -u 1000 app']],
    ['a system user who may be there', ['FROM python:3.11', 'RUN adduser --system backup']],
    ['a group of any free ID', ['FROM python:3.11', 'RUN groupadd app && useradd -g app app']],
    ['a group of a free ID', ['FROM python:3.11', 'RUN addgroup --gid 1000 app']],
    ['a group that may have another ID', ['FROM python:3.11', 'RUN groupadd -fg 20 app']],
    ['an older Ubuntu', ['FROM ubuntu:22.04', 'RUN useradd -u 1000 app']],
    ['another distribution', ['FROM python:3.11-alpine', 'RUN adduser -D -u 33 app']],
    ['an image of one’s own', ['FROM acme/python', 'RUN useradd -u 33 app']],
    ['a group of that ID', ['FROM python:3.11', 'RUN groupadd -f -g 33 g && useradd -g 33 -u 999 app']],
  ];
  for (const [name, lines] of untaken)
    it(`is content with a new user and ${name}`, async () => expect(await findings(...lines)).to.deep.equal([]));
});
