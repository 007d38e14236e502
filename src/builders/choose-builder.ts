import type { BuilderName, Settings } from '../config/settings/settings.js';
import { KdeployError } from '../errors.js';
import { ownInstruction } from '../project/dockerfile/own-instruction.js';
import type { ProjectSource } from '../project/sources/source.js';

/** Which builder makes the image, and why, where nobody has chosen it. */
export interface ChosenBuilder {
  readonly builder: BuilderName;
  readonly note?: string;
}

/**
 * What is configured; else kedro docker, for it makes what the project's Dockerfile says, and without an engine the builder
 * layers, where that makes the same. Throws KdeployError `configuration` where layers is to build a project with a Dockerfile of its own.
 */
export async function chooseBuilder(
  { image }: Pick<Settings, 'image'>,
  source: ProjectSource,
  answersEngine: () => Promise<boolean>,
): Promise<ChosenBuilder> {
  const { builder, dockerfile } = image;
  if (builder !== null && builder !== 'layers') return { builder };
  const own = await ownInstructionOf(source, dockerfile);
  if (builder === 'layers') {
    if (own === undefined) return { builder };
    throw new KdeployError(
      'configuration',
      `the builder layers runs no Dockerfile, and ${dockerfile} has instructions of its own (${own.keyword})`,
      {
        place: { file: dockerfile, line: own.line },
        hint: 'put them into a base image of your own and name it as image.base, then remove the Dockerfile; or build with Docker: `--builder kedro`',
      },
    );
  }
  if (own !== undefined || (await answersEngine())) return { builder: 'kedro' };
  return {
    builder: 'layers',
    note: 'no Docker Engine answers, so the image is built without one (builder layers); to choose: image.builder in kdeploy.yml, or --builder',
  };
}

async function ownInstructionOf(source: ProjectSource, dockerfile: string): Promise<ReturnType<typeof ownInstruction>> {
  const bytes = await source.read(dockerfile);
  return bytes === undefined ? undefined : ownInstruction(bytes.toString('utf8'), dockerfile);
}
