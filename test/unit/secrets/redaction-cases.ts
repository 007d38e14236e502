import { readFileSync } from 'node:fs';

/** The runtime's tests read the same file (test/runtime/test_redaction.py). */
export const CASES = JSON.parse(readFileSync(new URL('../../fixtures/redaction.json', import.meta.url), 'utf8')) as {
  readonly lists: Readonly<Record<string, readonly string[]>>;
  readonly names: { readonly secret: readonly string[]; readonly harmless: readonly string[] };
  /** With what it gives away, and what is shown of it; null: all. */
  readonly addresses: readonly (readonly [address: string, secret: string, shown: string | null])[];
  readonly sentences: readonly (readonly [text: string, shown: string | null])[];
  readonly words: readonly (readonly [text: string, shown: string])[];
};
