import { isLiteralSecret, NO_SECRET } from './literal.js';
import { findPasswordInUrl, lineAt, type FoundSecret } from './patterns.js';
import { isSecretName } from './secret-names.js';

/** Files that name servers, whose URLs are often given a password: package indexes, git remotes. */
const NAMES_SERVERS =
  /^(?:pip\.(?:conf|ini)|\.?condarc|uv\.toml|poetry\.toml|\.?pdm\.toml|pyproject\.toml|Pipfile|setup\.(?:cfg|py)|tox\.ini|.*(?:requirements|constraints).*\.(?:txt|in)|environment.*\.ya?ml|(?:uv|poetry|pdm|Pipfile|pixi|yarn)\.lock|.*conda-lock\.ya?ml|pylock(?:\..+)?\.toml|pixi\.toml|hatch\.toml|package-lock\.json|\.npmrc|\.yarnrc(?:\.ya?ml)?|\.gitmodules|\.?gitconfig|\.?hgrc|\.pre-commit-config\.ya?ml|\.curlrc|\.wgetrc)$/i;
const REQUIREMENTS_FOLDER = /(?:^|\/)requirements\/[^/]+\.(?:txt|in)$/i;
/** In a repository's own folder: its configuration, and logs, which older versions of git copy the remote's URL to. */
const OF_GIT = /(?:^|\/)[^/]*\.git\//;

/** Files of tools that keep a password or token under a key of that name. */
const KEEPS_PASSWORDS =
  /^(?:\.npmrc|\.yarnrc(?:\.ya?ml)?|\.databrickscfg|\.boto|\.s3cfg|\.my\.cnf|\.?condarc|\.terraformrc|auth\.toml|poetry\.toml|pdm\.toml|uv\.toml|pyproject\.toml|pip\.(?:conf|ini)|rclone\.conf|\.?gitconfig|\.?hgrc|\.curlrc|\.wgetrc)$/i;
const GIT_CONFIG = /(?:^|\/)[^/]*\.git\/(?:.+\/)?config(?:\.worktree)?$/;

/** `password = hunter2`, `"token": "…"`, `//registry.example.com/:_authToken=…` */
const ASSIGNMENT =
  /^[ \t{,;"']{0,40}(?:[\w./:@-]{0,200}[:./])?(?<name>[\w-]{1,60})["']?[ \t]{0,20}[=:][ \t]{0,20}["']?(?<value>[^\s"'#,]{4,2000})/gm;
/** `extraheader = Authorization: Basic …` (CI services write it), and a helper that prints a password. */
const GIT_HEADER =
  /^[ \t]{0,40}extraheader\s{0,20}=\s{0,20}"?[\w-]{0,40}(?:authorization|token|auth)\s{0,20}:\s{0,20}(?:\w{1,20}\s{1,20})?(?<value>[^\s"]{8,2000})/gim;
const GIT_HELPER = /^[ \t]{0,40}helper\s{0,20}=.{0,400}?\bpassword=(?<value>[^\s;"'\\&|]{4,400})/gim;

/** Whether the file is read by a tool that is given servers' addresses or passwords in it. */
export function isToolSettings(path: string): boolean {
  const name = nameOf(path);
  return (
    NAMES_SERVERS.test(name) || KEEPS_PASSWORDS.test(name) || REQUIREMENTS_FOLDER.test(path) || GIT_CONFIG.test(path)
  );
}

/** A password in the settings of a tool, in a URL or under a key. */
export function findInSettings(path: string, text: string): FoundSecret | undefined {
  const name = nameOf(path);
  const namesServers = NAMES_SERVERS.test(name) || REQUIREMENTS_FOLDER.test(path) || OF_GIT.test(path);
  const isGitConfig = GIT_CONFIG.test(path) || /gitconfig$/i.test(name);
  return (
    (namesServers ? findPasswordInUrl(text) : undefined) ??
    (KEEPS_PASSWORDS.test(name) || isGitConfig
      ? findValue(text, ASSIGNMENT, 'contains a password or token', namesPassword)
      : undefined) ??
    (isGitConfig ? findValue(text, GIT_HEADER, 'contains an Authorization header') : undefined) ??
    (isGitConfig ? findValue(text, GIT_HELPER, 'contains a password') : undefined)
  );
}

/** What is called a key in such files is more often the name of something. */
function namesPassword(name: string): boolean {
  return (
    /(?:^_?auth|smtppass)$/i.test(name) || (isSecretName(name) && !/(?<!api_?|access_?|secret_?)keys?$/i.test(name))
  );
}

function findValue(
  text: string,
  pattern: RegExp,
  why: string,
  counts: (name: string) => boolean = () => true,
): FoundSecret | undefined {
  for (const match of text.matchAll(pattern)) {
    const { name = '', value = '' } = match.groups ?? {};
    if (counts(name) && isLiteralSecret(value) && !NO_SECRET.test(value))
      return { why, line: lineAt(text, match.index) };
  }
  return undefined;
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
