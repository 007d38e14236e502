import { expect } from 'chai';
import fc from 'fast-check';
import { chooseBuilder, type ChosenBuilder } from '../../../src/builders/choose-builder.js';
import type { BuilderName } from '../../../src/config/settings/settings.js';
import { memorySource, type MemorySource } from '../../support/memory-source.js';
import { rejection } from '../../support/rejection.js';
import { settingsWith } from '../../support/settings.js';

/** kedro-docker 0.6.2, template/Dockerfile.simple, without its comments. */
const TEMPLATE = `ARG BASE_IMAGE=python:3.9-slim
FROM $BASE_IMAGE as runtime-environment

RUN python -m pip install -U "pip>=21.2"
RUN pip install uv

COPY requirements.txt /tmp/requirements.txt
RUN uv pip install --system --no-cache-dir -r /tmp/requirements.txt && rm -f /tmp/requirements.txt

ARG KEDRO_UID=999
ARG KEDRO_GID=0
RUN groupadd -f -g \${KEDRO_GID} kedro_group && \\
    useradd -m -d /home/kedro_docker -s /bin/bash -g \${KEDRO_GID} -u \${KEDRO_UID} kedro_docker

WORKDIR /home/kedro_docker
USER kedro_docker

FROM runtime-environment

ARG KEDRO_UID=999
ARG KEDRO_GID=0
COPY --chown=\${KEDRO_UID}:\${KEDRO_GID} . .

EXPOSE 8888

CMD ["kedro", "run"]
`;
const WITH_UV = 'RUN uv pip install --system --no-cache-dir -r';
/** As the packages on PyPI have them: Dockerfile.simple. */
const TEMPLATES: Readonly<Record<string, string>> = {
  '0.6.2': TEMPLATE,
  '0.6.0': TEMPLATE.replace('RUN pip install uv\n', '').replace(WITH_UV, 'RUN pip install --no-cache-dir -r'),
  '0.5.0': TEMPLATE.replace('RUN pip install uv\n', '')
    .replace('"pip>=21.2"', '"pip>=21.2,<23.2"')
    .replace(WITH_UV, 'RUN pip install --no-cache -r'),
  '0.4.0': TEMPLATE.replace('RUN pip install uv\n', '')
    .replace('RUN python -m pip install -U "pip>=21.2"\n', '')
    .replace('COPY requirements.txt', 'COPY src/requirements.txt')
    .replace(WITH_UV, 'RUN pip install --no-cache -r'),
  '0.3.0': `ARG BASE_IMAGE=python:3.6-buster
FROM $BASE_IMAGE

COPY src/requirements.txt /tmp/requirements.txt
RUN pip install -r /tmp/requirements.txt && rm -f /tmp/requirements.txt

ARG KEDRO_UID=999
ARG KEDRO_GID=0
RUN groupadd -f -g \${KEDRO_GID} kedro_group && \\
useradd -d /home/kedro -s /bin/bash -g \${KEDRO_GID} -u \${KEDRO_UID} kedro

WORKDIR /home/kedro
COPY . .
RUN chown -R kedro:\${KEDRO_GID} /home/kedro
USER kedro
RUN chmod -R a+w /home/kedro

EXPOSE 8888

CMD ["kedro", "run"]
`,
};
/** 0.6.2, Dockerfile.spark: what it adds to the simple one. */
const SPARK = TEMPLATE.replace(
  'RUN python',
  'RUN apt-get update && mkdir -p /usr/share/man/man1 && \\\n    apt-get install -y procps default-jre-headless\n\nRUN python',
);
const OWN = TEMPLATE.replace('EXPOSE', 'ENV A=1\nEXPOSE');
const OWN_LINE = OWN.split('\n').indexOf('ENV A=1') + 1;

interface Asked {
  readonly builder?: BuilderName | null;
  readonly dockerfile?: string;
  /** Whether an engine answers; `undefined`: it must not be asked. */
  readonly engine?: boolean;
  readonly files?: Readonly<Record<string, string | Buffer>>;
  readonly source?: MemorySource;
}

async function choose({ builder = null, dockerfile = 'Dockerfile', engine, ...asked }: Asked): Promise<ChosenBuilder> {
  const settings = settingsWith({ image: { builder, dockerfile } });
  return chooseBuilder(settings, asked.source ?? memorySource(asked.files ?? {}), () =>
    engine === undefined ? Promise.reject(new TypeError('the engine was asked')) : Promise.resolve(engine),
  );
}

describe('the builder of an image', () => {
  for (const builder of ['kedro', 'engine'] as const)
    it(`is the one that is configured, whatever the project has: ${builder}`, async () => {
      for (const files of [{}, { Dockerfile: TEMPLATE }, { Dockerfile: OWN }, { Dockerfile: '\0' }]) {
        const source = memorySource(files);
        expect(await choose({ builder, source })).to.deep.equal({ builder });
        expect(source.reads).to.deep.equal([]);
      }
    });

  it('is layers where that is configured and no Dockerfile has more than the template, with or without an engine', async () => {
    for (const files of [{}, { Dockerfile: TEMPLATE }, { Dockerfile: '' }, { Dockerfile: '# nothing yet\n' }])
      expect(await choose({ builder: 'layers', files })).to.deep.equal({ builder: 'layers' });
  });

  it('is kedro by default where an engine answers', async () => {
    for (const files of [{}, { Dockerfile: TEMPLATE }])
      expect(await choose({ engine: true, files })).to.deep.equal({ builder: 'kedro' });
  });

  it('is kedro by default for a Dockerfile of its own, and no engine has to be asked for that', async () => {
    for (const text of [OWN, SPARK, 'FROM python:3.11\n'])
      expect(await choose({ files: { Dockerfile: text } })).to.deep.equal({ builder: 'kedro' });
  });

  it('is layers by default where no engine answers, which a note says, with how to choose', async () => {
    for (const files of [{}, { Dockerfile: TEMPLATE }]) {
      const { builder, note } = await choose({ engine: false, files });
      expect(builder).to.equal('layers');
      expect(note).to.match(/^no Docker Engine answers.*layers.*image\.builder.*--builder/);
    }
  });

  for (const [version, text] of Object.entries(TEMPLATES))
    it(`is layers without an engine for the Dockerfile that kedro-docker ${version} writes`, async () => {
      for (const written of [text, text.replaceAll('\n', '\r\n'), `\uFEFF${text}`]) {
        expect((await choose({ engine: false, files: { Dockerfile: written } })).builder).to.equal('layers');
        expect((await choose({ builder: 'layers', files: { Dockerfile: written } })).builder).to.equal('layers');
      }
    });

  it('is for the Dockerfile that is configured, wherever it is, and for no other', async () => {
    const files = { Dockerfile: OWN, 'docker/Dockerfile.prod': TEMPLATE };
    const dockerfile = 'docker/Dockerfile.prod';
    expect((await choose({ builder: 'layers', dockerfile, files })).builder).to.equal('layers');
    expect((await choose({ engine: false, dockerfile, files })).builder).to.equal('layers');
    const others = { Dockerfile: TEMPLATE, 'docker/Dockerfile.prod': OWN };
    expect((await choose({ dockerfile, files: others })).builder).to.equal('kedro');
    expect((await rejection(choose({ builder: 'layers', dockerfile, files: others }))).place?.file).to.equal(
      dockerfile,
    );
  });

  it('reads that Dockerfile once', async () => {
    const source = memorySource({ Dockerfile: TEMPLATE });
    await choose({ source, engine: false });
    expect(source.reads).to.deep.equal(['Dockerfile']);
  });

  it('is not layers for a Dockerfile of its own: the error names the instruction, its place, and both ways out', async () => {
    const error = await rejection(choose({ builder: 'layers', files: { Dockerfile: OWN } }));
    expect(error.code).to.equal('configuration');
    expect(error.message).to.equal(
      'the builder layers runs no Dockerfile, and Dockerfile has instructions of its own (ENV)',
    );
    expect(error.place).to.deep.equal({ file: 'Dockerfile', line: OWN_LINE });
    expect(error.hint).to.contain('image.base').and.to.contain('--builder kedro');
  });

  it('is refused at the line of the first instruction of its own, wherever that is put', async () => {
    const lines = TEMPLATE.split('\n');
    // Not into an instruction that goes on in the next line.
    const places = lines.flatMap((_, at) => (lines[at - 1]?.endsWith('\\') === true ? [] : [at]));
    const instruction = fc.constantFrom(
      'ENV A=1',
      'RUN true',
      'LABEL a=b',
      'ENTRYPOINT ["tini"]',
      'FROM node:20',
      'user root',
    );
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...places), instruction, fc.boolean(), async (at, own, isWindows) => {
        const text = [...lines.slice(0, at), own, ...lines.slice(at)].join(isWindows ? '\r\n' : '\n');
        const { place, message } = await rejection(choose({ builder: 'layers', files: { Dockerfile: text } }));
        expect(place).to.deep.equal({ file: 'Dockerfile', line: at + 1 });
        expect(message).to.contain(`(${own.replace(/ .*/, '').toUpperCase()})`);
        expect(await choose({ files: { Dockerfile: text } })).to.deep.equal({ builder: 'kedro' });
      }),
    );
  });

  it('cannot be told of what is no Dockerfile', async () => {
    for (const builder of ['layers', null] as const)
      expect((await rejection(choose({ builder, files: { Dockerfile: 'FROM $BASE_IMAGE\n\0' } }))).code).to.equal(
        'configuration',
      );
  });

  it('is not decided where the engine gives an error of its own', async () => {
    const settings = settingsWith({ image: { builder: null } });
    const asked = chooseBuilder(settings, memorySource({}), () => Promise.reject(new TypeError('broken')));
    expect(await asked.catch((error: unknown) => error)).to.be.instanceOf(TypeError);
  });
});
