import { expect } from 'chai';
import { ownInstruction } from '../../../../src/project/dockerfile/own-instruction.js';
import { rejection } from '../../../support/rejection.js';
import { KEDRO_DOCKER } from './kedro-docker-templates.js';

const { '0.6.2': UV, '0.6.0': PIP, '0.5.0': NO_CACHE, '0.3.0': FIRST } = KEDRO_DOCKER;

const own = (text: string) => ownInstruction(text, 'Dockerfile');

describe('what is in a Dockerfile beyond kedro-docker’s template', () => {
  for (const [what, text] of [
    ['with uv', UV],
    ['with pip', PIP],
    ['with a shorter flag for pip', NO_CACHE],
    ['of the first versions', FIRST],
    ['with Windows line breaks', UV.replaceAll('\n', '\r\n')],
    ['with keywords in small letters', UV.replaceAll(/^[A-Z]+ /gm, (keyword) => keyword.toLowerCase())],
    ['with another base as the argument’s default', UV.replace('python:3.9-slim', 'registry.example.com/base:3')],
    ['without a default', UV.replace('=python:3.9-slim', '')],
    ['with other numbers for the user', UV.replaceAll('=999', '=1000')],
    ['without a bit of it', UV.replace('EXPOSE 8888\n', '')],
    ['with more comments', UV.replace('USER', '# the user\nUSER')],
  ] as const)
    it(`is nothing in the template ${what}`, () => {
      expect(own(text)).to.equal(undefined);
    });

  const nearMisses: readonly (readonly [what: string, text: string, keyword: string, line: string])[] = (
    [
      ['one more RUN', UV.replace('EXPOSE', 'RUN apt-get update\nEXPOSE'), 'RUN', 'RUN apt-get update'],
      [
        'more in a RUN',
        UV.replace('pip install uv', 'pip install uv && curl x'),
        'RUN',
        'RUN pip install uv && curl x',
      ],
      [
        'more to install',
        UV.replace('-r /tmp/requirements.txt', '-r /tmp/requirements.txt boto3'),
        'RUN',
        'RUN uv pip',
      ],
      ['another flag', UV.replace('--no-cache-dir', '--no-cached'), 'RUN', 'RUN uv pip'],
      ['another index', UV.replace('--no-cache-dir', '--index-url x'), 'RUN', 'RUN uv pip'],
      ['a mount', UV.replace('RUN uv pip', 'RUN --mount=type=secret,id=x uv pip'), 'RUN', 'RUN --mount'],
      ['a variable', UV.replace('USER', 'ENV A=1\nUSER'), 'ENV', 'ENV A=1'],
      ['another base', UV.replace('FROM $BASE_IMAGE', 'FROM python:3.11'), 'FROM', 'FROM python:3.11'],
      ['another base later', UV.replace('FROM runtime-environment', 'FROM other'), 'FROM', 'FROM other'],
      ['a platform', UV.replace('FROM $BASE', 'FROM --platform=linux/arm64 $BASE'), 'FROM', 'FROM --platform'],
      ['a stage more', `FROM node:20 AS web\n${UV}`, 'FROM', 'FROM node:20'],
      ['a file more', UV.replace('EXPOSE', 'COPY extra.conf /etc/extra.conf\nEXPOSE'), 'COPY', 'COPY extra'],
      [
        'a part of the project',
        UV.replace(' . .\n', ' src src\n'),
        'COPY',
        'COPY --chown=${KEDRO_UID}:${KEDRO_GID} src',
      ],
      ['another place', UV.replace(' . .\n', ' . /app\n'), 'COPY', 'COPY --chown=${KEDRO_UID}:${KEDRO_GID} . /app'],
      ['another stage’s files', UV.replace(/COPY --chown=\S+ \. \./, 'COPY --from=web . .'), 'COPY', 'COPY --from'],
      ['another owner', UV.replace(/COPY --chown=\S+/, 'COPY --chown=root:root'), 'COPY', 'COPY --chown=root'],
      ['other rights', UV.replace(/COPY --chown=\S+/, 'COPY --chmod=700'), 'COPY', 'COPY --chmod'],
      ['another user', UV.replace('USER kedro_docker', 'USER root'), 'USER', 'USER root'],
      ['another folder', UV.replace('WORKDIR /home/kedro_docker', 'WORKDIR /app'), 'WORKDIR', 'WORKDIR /app'],
      ['another port', UV.replace('EXPOSE 8888', 'EXPOSE 80'), 'EXPOSE', 'EXPOSE 80'],
      ['another command', UV.replace('"run"]', '"run", "--env", "prod"]'), 'CMD', 'CMD ["kedro", "run", "--env"'],
      ['a command for a shell', UV.replace('["kedro", "run"]', 'kedro run'), 'CMD', 'CMD kedro run'],
      ['an entrypoint', `${UV}ENTRYPOINT ["tini", "--"]\n`, 'ENTRYPOINT', 'ENTRYPOINT'],
      ['another argument', UV.replace('ARG KEDRO_UID=999', 'ARG TOKEN\nARG KEDRO_UID=999'), 'ARG', 'ARG TOKEN'],
      ['a number that is a text', UV.replace('KEDRO_UID=999', 'KEDRO_UID=${X}'), 'ARG', 'ARG KEDRO_UID=${X}'],
      ['a shell', UV.replace('USER', 'SHELL ["/bin/bash", "-c"]\nUSER'), 'SHELL', 'SHELL'],
      ['a label', `${UV}LABEL a=b\n`, 'LABEL', 'LABEL a=b'],
      ['a health check', `${UV}HEALTHCHECK CMD true\n`, 'HEALTHCHECK', 'HEALTHCHECK CMD true'],
      ['a volume', `${UV}VOLUME /data\n`, 'VOLUME', 'VOLUME /data'],
      ['a heredoc', UV.replace('EXPOSE', 'RUN <<END\npip install uv\nEND\nEXPOSE'), 'RUN', 'RUN <<END'],
      ['a download', `${UV}ADD https://example.com/x /x\n`, 'ADD', 'ADD https'],
      ['a trigger', `${UV}ONBUILD RUN pip install uv\n`, 'ONBUILD', 'ONBUILD'],
    ] as const
  ).map(([what, text, keyword, start]) => [what, text, keyword, start]);
  for (const [what, text, keyword, start] of nearMisses)
    it(`is ${what}`, () => {
      const found = own(text);
      expect(found?.keyword).to.equal(keyword);
      expect(text.split('\n')[(found?.line ?? 0) - 1]).to.match(
        new RegExp(`^${start.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)}`),
      );
    });

  it('is the first of several', () => {
    expect(own(UV.replace('USER', 'ENV A=1\nENV B=2\nUSER'))?.line).to.equal(
      UV.split('\n').findIndex((line) => line.startsWith('USER')) + 1,
    );
  });

  it('cannot be told of what is no Dockerfile', async () => {
    const error = await rejection(Promise.resolve().then(() => own('FROM $BASE_IMAGE\n\0')));
    expect(error.code).to.equal('configuration');
  });
});
