import { expect } from 'chai';
import fc from 'fast-check';
import { chooseBuilder, type ChosenBuilder } from '../../../src/builders/choose-builder.js';
import type { BuilderName } from '../../../src/config/settings/settings.js';
import { memorySource, type MemorySource } from '../../support/memory-source.js';
import { rejection } from '../../support/rejection.js';
import { settingsWith } from '../../support/settings.js';
import { KEDRO_DOCKER } from '../project/dockerfile/kedro-docker-templates.js';

const TEMPLATE = KEDRO_DOCKER['0.6.2'];
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

  for (const [version, text] of Object.entries(KEDRO_DOCKER))
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
