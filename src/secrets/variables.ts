import { isLiteralSecret, NO_SECRET } from './literal.js';
import { findPasswordInUrl, findSecret } from './patterns.js';
import { isSecretName } from './secret-names.js';
import type { SecretVerdict } from './secret-files.js';

/** Always secrets, whatever is in them. */
const MLFLOW_SECRETS = new Set(['MLFLOW_TRACKING_PASSWORD', 'MLFLOW_TRACKING_TOKEN']);

/** Whether a variable that is set for good, by ENV or ARG, contains a secret. */
export function judgeVariable(name: string, value: string): SecretVerdict | undefined {
  if (isLiteralSecret(value)) {
    if (MLFLOW_SECRETS.has(name)) return { why: `sets ${name} to a value`, isCertain: true };
    if (isSecretName(name) && !NO_SECRET.test(value))
      return judgeWords(value) ?? { why: `sets ${name} to a value`, isCertain: false };
  }
  return judgeWords(value);
}

/** Whether some words, such as a command, contain something in the form of a secret. */
export function judgeWords(words: string): SecretVerdict | undefined {
  const found = findSecret(Buffer.from(words)) ?? findPasswordInUrl(words);
  return found === undefined ? undefined : { why: found.why, isCertain: true };
}
