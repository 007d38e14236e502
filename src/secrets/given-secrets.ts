import { passwordsInAddresses } from './address.js';
import { isLiteralSecret, NO_SECRET } from './literal.js';
import { isSecretName } from './secret-names.js';

/** Shorter ones are not looked for: hiding every "ab" would hide the message. */
const SHORTEST = 6;
/** Shorter ones are hidden only as a word of their own. */
const SHORTEST_ANYWHERE = 8;
/** Of a secret with several lines (a key, a netrc), a shorter line may be a word such as `default`. */
const SHORTEST_LINE = 12;

const remembered = new Set<string>();

/**
 * Notes a secret that this process was given or got: from now on nothing prints it, whatever quotes it. GitHub's
 * `::add-mask::` is the model: who receives a secret says so at once, and whoever prints text knows nothing of its origin.
 */
export function rememberSecret(secret: string | undefined): void {
  const lines = (secret ?? '').trim().split(/\s*[\r\n]\s*/);
  for (const word of lines) {
    if (word.length < (lines.length === 1 ? SHORTEST : SHORTEST_LINE)) continue;
    // encodeURIComponent throws on half a surrogate pair.
    const encoded = encodeURIComponent(Buffer.from(word).toString());
    // As it may be quoted: within an address, and within JSON.
    for (const form of [word, encoded, JSON.stringify(word).slice(1, -1)]) remembered.add(form);
  }
}

/** The secrets that the environment holds: by the name of the variable, or as the password in an address. */
export function rememberSecretsOf(environment: NodeJS.ProcessEnv): void {
  for (const [name, value = ''] of Object.entries(environment)) {
    if (isSecretName(name) && isLiteralSecret(value) && !NO_SECRET.test(value)) rememberSecret(value);
    rememberSecretsInAddress(value);
  }
}

/** The passwords in an address, and the users that may be tokens. */
export function rememberSecretsInAddress(text: string): void {
  if (!text.includes('@')) return;
  for (const { password, user } of passwordsInAddresses(text)) {
    if (isLiteralSecret(password)) rememberSecret(password);
    // `git@`, `oauth2@`: a short user is a name.
    if (user.length >= 20) rememberSecret(user);
  }
}

/** Text without the secrets that were remembered. */
export function hideGivenSecrets(text: string): string {
  let shown = text;
  // The longest first, so that no secret leaves a rest because a shorter one is a part of it.
  for (const secret of [...remembered].sort((one, other) => other.length - one.length)) {
    if (!shown.includes(secret)) continue;
    shown =
      secret.length >= SHORTEST_ANYWHERE
        ? shown.replaceAll(secret, '***')
        : shown.replaceAll(new RegExp(`(?<!\\w)${escaped(secret)}(?!\\w)`, 'g'), '***');
  }
  return shown;
}

/** RegExp.escape is not there before Node 24. */
function escaped(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, String.raw`\$&`);
}

/** For tests, which share one process. */
export function forgetSecrets(): void {
  remembered.clear();
}
