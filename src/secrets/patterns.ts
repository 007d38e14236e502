import { passwordsInAddresses } from './address.js';
import { isLiteralSecret } from './literal.js';

/** A kind of secret that is recognised by how it is written, whatever the file is called. */
export interface SecretPattern {
  /** Follows the file's name in a sentence: `contains a GitHub token`. */
  readonly why: string;
  /** One of them is in every match; looked for first, because that takes next to no time. */
  readonly anchors: readonly string[];
  /** Without nested repetition, so that no text makes it slow. */
  readonly pattern: RegExp;
  /** Must match somewhere in the text as well: a key's ID is no secret without the key. */
  readonly together?: RegExp;
}

/** Behind the header of a key: a line of it, not the dots of an example or the end of a string in a program. */
const KEY_BODY = String.raw`(?:\\[rn]|\s|[\w-]{1,20}: [^\r\n\\]{0,100}(?=[\r\n\\])){1,80}[A-Za-z0-9+/=]{32}`;

/**
 * Only what next to nobody writes by chance: formats with a fixed beginning and length, as their issuers document them
 * (docs.github.com "About authentication", docs.gitlab.com "Token overview", docs.aws.amazon.com "IAM identifiers", …).
 */
export const SECRET_PATTERNS: readonly SecretPattern[] = [
  {
    why: 'is a Google service account key',
    anchors: ['"private_key"'],
    pattern: new RegExp(String.raw`"private_key"\s{0,20}:\s{0,20}"-----BEGIN [A-Z ]{0,20}PRIVATE KEY-----${KEY_BODY}`),
    together: /"type"\s{0,20}:\s{0,20}"service_account"/,
  },
  {
    why: 'contains a private key',
    anchors: ['PRIVATE KEY'],
    pattern: new RegExp(`-----BEGIN (?:[A-Z0-9]{1,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----${KEY_BODY}`),
  },
  {
    why: "contains a Google user's credentials",
    anchors: ['"refresh_token"'],
    pattern: /"refresh_token"\s{0,20}:\s{0,20}"1\/\/[\w-]{40}/,
    together: /"authorized_user"/,
  },
  {
    why: 'contains an AWS access key',
    anchors: ['AKIA'],
    pattern: /(?<![A-Za-z0-9/+])AKIA(?![A-Z0-9]{9}EXAMPLE)[A-Z2-7]{16}(?![A-Za-z0-9/+=])/,
    together:
      /(?<![A-Za-z0-9/+=_-])(?=[^\s]{0,39}[a-z])(?=[^\s]{0,39}[A-Z])(?=[^\s]{0,39}\d)[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+=_-])/,
  },
  {
    why: 'contains a GitHub token',
    anchors: ['ghp_', 'gho_', 'ghu_', 'ghs_', 'ghr_'],
    pattern: /\bgh[pousr]_[A-Za-z0-9]{36}(?![A-Za-z0-9_])/,
  },
  {
    why: 'contains a GitHub token',
    anchors: ['github_pat_'],
    pattern: /\bgithub_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59}(?![A-Za-z0-9_])/,
  },
  {
    why: 'contains a GitLab token',
    anchors: ['glpat-', 'gldt-', 'glrt-', 'glptt-', 'glcbt-'],
    pattern: /\bgl(?:pat|dt|rt|ptt|cbt)-(?=[\w-]{0,19}\d)[\w-]{20}(?![\w-]{60})/,
  },
  { why: 'contains a Slack token', anchors: ['xox'], pattern: /\bxox[abeoprs]-\d{9,13}-[\w-]{20}/ },
  {
    why: 'contains a Slack webhook URL, which is a secret',
    anchors: ['hooks.slack.com'],
    pattern: /hooks\.slack\.com\/services\/T[A-Z0-9]{8,12}\/B[A-Z0-9]{8,12}\/(?!X{20})[A-Za-z0-9]{20}/,
  },
  { why: 'contains a Databricks token', anchors: ['dapi'], pattern: /\bdapi(?!0{32})[0-9a-f]{32}(?:-\d)?\b/ },
  { why: 'contains a Hugging Face token', anchors: ['hf_'], pattern: /\bhf_(?!x{34})[A-Za-z]{34}(?!\w)/ },
  { why: 'contains an OpenAI key', anchors: ['T3BlbkFJ'], pattern: /\bsk-[\w-]{20,100}T3BlbkFJ[\w-]{20}/ },
  { why: 'contains an Anthropic key', anchors: ['sk-ant-'], pattern: /\bsk-ant-[a-z]{2,5}\d\d-[\w-]{80}/ },
  { why: 'contains a PyPI token', anchors: ['pypi-AgE'], pattern: /\bpypi-AgE[\w-]{80}/ },
  {
    why: 'contains an Anaconda token',
    anchors: ['/t/'],
    pattern: /:\/\/[\w.-]{1,100}\/t\/[a-z]{2}-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22}/,
  },
  { why: 'contains an npm token', anchors: ['npm_'], pattern: /\bnpm_(?=\w{0,35}\d)[A-Za-z0-9]{36}(?!\w)/ },
  { why: 'contains a Stripe key', anchors: ['k_live_'], pattern: /\b[rs]k_live_[A-Za-z0-9]{24}/ },
  {
    why: 'contains an Azure storage account key',
    anchors: ['AccountKey='],
    // The key of the storage emulator is the same for everybody.
    pattern: /AccountKey=(?!Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1)[A-Za-z0-9+/]{86}==/,
  },
  { why: 'contains an age key', anchors: ['AGE-SECRET-KEY-1'], pattern: /\bAGE-SECRET-KEY-1[0-9A-Z]{58}/ },
  {
    why: "contains a Kubernetes user's key",
    anchors: ['client-key-data'],
    pattern: /client-key-data["']?\s{0,20}:\s{0,20}["']?LS0tLS1CRUdJTi[A-Za-z0-9+/]{40}/,
  },
  {
    why: 'contains a registry password',
    anchors: ['"auths"'],
    pattern: /"auth"\s{0,20}:\s{0,20}"[A-Za-z0-9+/]{8,2000}={0,2}"/,
    together: /"auths"\s{0,20}:\s{0,20}\{/,
  },
];

/** Not the words of a name: letters and digits mixed as nobody would write them. */
const LOOKS_RANDOM = /^(?=.*\d.*\d)(?:[0-9a-f]{32,}|[a-z2-7]{50,}|(?=.*[a-z])(?=.*[A-Z])[\w-]{20,})$/;

export interface FoundSecret {
  readonly why: string;
  /** From 1. */
  readonly line: number;
}

/** The first secret in a text, by its form alone: where it is, never what it is. */
export function findSecret(content: Buffer): FoundSecret | undefined {
  let text: string | undefined;
  let first: { why: string; index: number } | undefined;
  for (const { why, anchors, pattern, together } of SECRET_PATTERNS) {
    if (!anchors.some((anchor) => content.includes(anchor))) continue;
    text ??= content.toString('latin1');
    const index = pattern.exec(text)?.index;
    if (index === undefined || (together !== undefined && !together.test(text))) continue;
    // More specific kinds come before general ones in the list.
    if (first === undefined || index < first.index - 100) first = { why, index };
  }
  return first === undefined ? undefined : { why: first.why, line: lineAt(text ?? '', first.index) };
}

/** The first address with a password in it, or with a token in place of an http user. */
export function findPasswordInUrl(text: string): FoundSecret | undefined {
  for (const { user, password, start } of passwordsInAddresses(text)) {
    if (isLiteralSecret(password)) return { why: 'contains a URL with a password', line: lineAt(text, start) };
    if (LOOKS_RANDOM.test(user)) return { why: 'contains a URL with a token', line: lineAt(text, start) };
  }
  return undefined;
}

export function lineAt(text: string, index: number): number {
  let line = 1;
  for (let at = text.indexOf('\n'); at >= 0 && at < index; at = text.indexOf('\n', at + 1)) line++;
  return line;
}
