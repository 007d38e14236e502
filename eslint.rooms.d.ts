import type { Linter } from 'eslint';

export const ROOMS: Readonly<Record<string, readonly string[]>>;
export const roomRules: { readonly files: string[]; readonly rules: Linter.RulesRecord }[];
