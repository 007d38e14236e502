import { isSecretName } from '../secrets/secret-names.js';
import { judgeWords } from '../secrets/variables.js';
import type { HistoryStep } from './manifest.js';

/** The step that made each of an image's layers; `undefined` where that is not known. */
export function layerSteps(
  history: readonly HistoryStep[] | undefined,
  layers: number,
): readonly HistoryStep[] | undefined {
  const steps = history?.filter(({ isEmpty }) => !isEmpty);
  // A builder may leave steps out; then they cannot be matched to layers.
  return steps?.length === layers ? steps : undefined;
}

/** How a step began, without anything that may be a value: `RUN pip install …`, `COPY dir:…`. */
export function shortStep(createdBy: string): string {
  const command = createdBy
    .replace(/\s*# buildkit$/, '')
    .replace(/^(RUN )?\|\d+ .*?(\/bin\/sh -c )/s, '$1$2')
    .replace(/^\/bin\/sh -c #\(nop\)\s+/, '')
    .replace(/^(?:RUN )?\/bin\/sh -c /, 'RUN ');
  const words = command.split(/\s+/).filter((word) => word !== '');
  const plain = words.slice(0, 4).map((word, index) => (isPlain(word, words[index - 1]) ? word : '…'));
  return `${plain.join(' ')}${words.length > 4 ? ' …' : ''}`;
}

/** Options, addresses and assignments may contain anything, and what follows `-p` or `--token` is a secret. */
function isPlain(word: string, before = ''): boolean {
  const isValue = /^-[pu]$/.test(before) || (before.startsWith('--') && isSecretName(before));
  return !isValue && /^[\w./-]{1,40}$/.test(word) && judgeWords(word) === undefined;
}
