import { findPasswordInUrl, findSecret, isLiteralSecret } from './patterns.js';
import type { SecretVerdict } from './secret-files.js';

/** Always secrets, whatever is in them. */
const MLFLOW_SECRETS = new Set(['MLFLOW_TRACKING_PASSWORD', 'MLFLOW_TRACKING_TOKEN']);
/** At the end of the name: PASSWORD_FILE and SECRET_NAME contain no secret, nor does TOKENIZERS_PARALLELISM. */
const SECRET_NAME = /(?:^|_)(?:PASSWORD|PASSWD|PWD|SECRET|TOKEN|API_?KEY|ACCESS_?KEY|SECRET_?KEY|PRIVATE_?KEY)$/i;
/** A path, an address, a switch or a number is what many variables with such names contain. */
const NO_SECRET = /^(?:[./~].*|.*:\/\/.*|\d{1,4}|true|false|yes|no|on|off)$/i;

/** Whether a variable that is set for good, by ENV or ARG, contains a secret. */
export function judgeVariable(name: string, value: string): SecretVerdict | undefined {
  if (isLiteralSecret(value)) {
    if (MLFLOW_SECRETS.has(name)) return { why: `sets ${name} to a value`, isCertain: true };
    if (SECRET_NAME.test(name) && !NO_SECRET.test(value))
      return judgeWords(value) ?? { why: `sets ${name} to a value`, isCertain: false };
  }
  return judgeWords(value);
}

/** Whether some words, such as a command, contain something in the form of a secret. */
export function judgeWords(words: string): SecretVerdict | undefined {
  const found = findSecret(Buffer.from(words)) ?? findPasswordInUrl(words);
  return found === undefined ? undefined : { why: found.why, isCertain: true };
}
