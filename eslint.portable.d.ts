import type { Linter } from 'eslint';

export const KINDS: readonly {
  readonly what: string;
  readonly reason: string;
  readonly sample: string;
  /** Files of src/ in which it is right. */
  readonly handled: readonly string[];
  /** Files that it says nothing about. */
  readonly elsewhere?: RegExp;
  /** Files that it is about; without it, all of src/. */
  readonly only?: RegExp;
}[];
export const portableRules: Linter.Config & { readonly files: string[] };
