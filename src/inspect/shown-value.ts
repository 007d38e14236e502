import { BAKED_VARIABLES } from '../image/baked-environment.js';
import { LABELS, OCI_LABELS } from '../image/labels.js';
import { redact } from '../secrets/redaction.js';
import { isSecretName } from '../secrets/secret-names.js';
import { judgeVariable, judgeWords } from '../secrets/variables.js';

/**
 * What may be shown of an image's configuration, which people put secrets into. Only what kdeploy writes itself, or what a
 * specification says the meaning of, is shown at all; of the rest, that it is there.
 */

const VARIABLES: ReadonlySet<string> = new Set(BAKED_VARIABLES);
const SHOWN_LABELS: ReadonlySet<string> = new Set([...Object.values(LABELS), ...Object.values(OCI_LABELS)]);

/** `null` for a variable that kdeploy does not bake, and for one whose value may be a secret. */
export function shownVariable(name: string, value: string): string | null {
  return VARIABLES.has(name) && judgeVariable(name, value) === undefined ? redact(value) : null;
}

/** `null` for a label of somebody else, and for one whose value may be a secret. */
export function shownLabel(name: string, value: string): string | null {
  return SHOWN_LABELS.has(name) && judgeWords(value) === undefined ? redact(value) : null;
}

/** The words of a command, without the values of options that are named as secrets are. */
export function shownCommand(words: readonly string[]): string[] {
  return words.map((word, index) => {
    const before = words[index - 1] ?? '';
    if (before.startsWith('-') && !before.includes('=') && isSecretName(before)) return HIDDEN;
    const [, option = ''] = /^([^=\s]+)=./s.exec(word) ?? [];
    return isSecretName(option) ? `${option}=${HIDDEN}` : redact(word);
  });
}

const HIDDEN = '***';
