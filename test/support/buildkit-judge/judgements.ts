import { readFileSync } from 'node:fs';

/** An instruction as BuildKit's parser sees it. */
export interface JudgedInstruction {
  readonly keyword: string;
  readonly line: number;
  readonly flags: readonly string[] | null;
  readonly args: readonly string[];
  readonly heredocs: readonly { readonly name: string; readonly content: string; readonly expand: boolean }[] | null;
  readonly json: boolean;
}

/** What BuildKit's own code said (record.ts writes it); `null` where it refuses the text. */
export interface Judgements {
  readonly buildkit: string;
  /** `NAME=value`, in which the words were expanded. */
  readonly environment: readonly string[];
  /** Each answer for a .dockerignore has a digit for each of these: 1 when it is left out. */
  readonly paths: readonly string[];
  readonly words: readonly (readonly [text: string, expanded: string | null])[];
  readonly files: readonly (readonly [text: string, instructions: readonly JudgedInstruction[] | null])[];
  readonly ignores: readonly (readonly [text: string, left: string | null])[];
}

export function judgements(): Judgements {
  const file = new URL('../../fixtures/buildkit/judgements.json', import.meta.url);
  return JSON.parse(readFileSync(file, 'utf8')) as Judgements;
}
