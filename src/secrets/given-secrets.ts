import { existsSync } from 'node:fs';
import { formsOf, type SecretForm } from './secret-forms.js';
import { secretsInAddresses, secretsInVariable } from './variable-secrets.js';

/** Shorter ones are not looked for: hiding every "ab" would hide the message. */
const SHORTEST = 6;
/** Of a secret with several lines (a key, a netrc), a shorter line may be a word such as `default`. */
const SHORTEST_LINE = 12;

const HERE = { exists: existsSync, isWindows: process.platform === 'win32' };

/** Made when they are first looked for. */
const remembered = new Map<string, readonly SecretForm[] | undefined>();

/**
 * Notes a secret that this process was given or got: from now on nothing prints it, whatever quotes it. GitHub's
 * `::add-mask::` is the model: who receives a secret says so at once, and whoever prints text knows nothing of its origin.
 */
export function rememberSecret(secret: string | undefined): void {
  const lines = (secret ?? '').trim().split(/\s*[\r\n]\s*/);
  for (const word of lines) {
    const isLong = word.length >= (lines.length === 1 ? SHORTEST : SHORTEST_LINE);
    if ((isLong || (word.length >= SHORTEST && /\d/.test(word))) && !remembered.has(word))
      remembered.set(word, undefined);
  }
}

/** The secrets that the environment holds: by the name of the variable, or within what it holds. */
export function rememberSecretsOf(environment: NodeJS.ProcessEnv): void {
  for (const [name, value = ''] of Object.entries(environment))
    for (const secret of secretsInVariable(name, value, HERE)) rememberSecret(secret);
}

/** The passwords in an address, and the users that may be tokens. */
export function rememberSecretsInAddress(text: string): void {
  for (const secret of secretsInAddresses(text)) rememberSecret(secret);
}

/** Text without the secrets that were remembered. */
export function hideGivenSecrets(text: string): string {
  let shown = text;
  // The longest first, so that no secret leaves a rest because a shorter one is a part of it.
  for (const secret of [...remembered.keys()].sort((one, other) => other.length - one.length)) {
    const forms = remembered.get(secret) ?? formsOf(secret);
    remembered.set(secret, forms);
    for (const { anchor, pattern } of forms) if (shown.includes(anchor)) shown = shown.replaceAll(pattern, '***');
  }
  return shown;
}

/** For tests, which share one process. */
export function forgetSecrets(): void {
  remembered.clear();
}
