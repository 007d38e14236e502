import { stat } from 'node:fs/promises';

/** A program that was not replaced since, in a text: it is what it was. */
export interface ProgramFacts {
  readonly text: string;
  /** Bytes. */
  readonly size: number;
}

/** Of what the name of a program leads to; `undefined`: there is nothing. Each installation gives it other ones. */
export async function programFacts(program: string): Promise<ProgramFacts | undefined> {
  const stats = await stat(program).catch(() => undefined);
  if (stats === undefined) return undefined;
  const { dev, ino, size, mtimeMs, ctimeMs } = stats;
  return { text: [dev, ino, size, mtimeMs, ctimeMs].join(' '), size };
}
