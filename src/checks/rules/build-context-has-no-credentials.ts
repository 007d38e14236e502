import {
  isInstalledPackage,
  isSuspicious,
  judgeFile,
  mayHoldText,
  type SecretVerdict,
} from '../../secrets/secret-files.js';
import { isToolSettings } from '../../secrets/settings-files.js';
import { excludeCommand } from '../append-command.js';
import type { CheckContext } from '../context.js';
import { contextFiles } from '../context-files.js';
import type { Rule, RuleFinding } from '../rule.js';

/** Files with a suspicious name are scanned first, and then texts, so that a folder of a million does not stop the hook. */
const MAXIMUM_SUSPICIOUS = 500;
const MAXIMUM_TEXTS = 2500;
/** Of installed packages, which are public: enough to see a whole settings folder that only looks like one. */
const MAXIMUM_INSTALLED = 500;
/** Files read at a time: enough to keep the disk busy, few enough for any limit on open files. */
const PARALLEL = 32;

/** `COPY . .` copies whatever .dockerignore lets through, and a layer keeps it even when a later one deletes it. */
export const buildContextHasNoCredentials: Rule = {
  id: 'build-context-has-no-credentials',
  group: 'secrets',
  description: 'No key or credentials file is copied into the image with the project',

  async check(context): Promise<RuleFinding[]> {
    const [{ files, isComplete }, buildContext] = await Promise.all([contextFiles(context), context.buildContext()]);
    const worth = files.filter((file) => isSuspicious(file) || mayHoldText(file));
    const suspicious = worth.filter(isSuspicious);
    const others = worth.filter((file) => !isSuspicious(file));
    const own = others.filter((file) => !isInstalledPackage(file));
    const texts = [...own, ...others.filter(isInstalledPackage).slice(0, MAXIMUM_INSTALLED)];
    const looked = [...suspicious.slice(0, MAXIMUM_SUSPICIOUS), ...texts.slice(0, MAXIMUM_TEXTS)].sort();
    const findings: RuleFinding[] = [];
    for (let at = 0; at < looked.length; at += PARALLEL) {
      const part = looked.slice(at, at + PARALLEL);
      findings.push(...(await Promise.all(part.map((file) => judge(file, context, buildContext.ignoreFile)))).flat());
    }
    return [...findings, ...unread(suspicious, texts, isComplete)];
  },
};

async function judge(file: string, { source }: CheckContext, ignoreFile: string | undefined): Promise<RuleFinding[]> {
  const verdict = judgeFile(file, await contentOf(file, source));
  if (verdict === undefined) return [];
  return [
    {
      severity: verdict.isCertain ? 'error' : 'warning',
      message: `${file} ${verdict.why}, and .dockerignore does not exclude it from the image`,
      remedy: remedyFor(file, verdict, await excludeCommand(file, ignoreFile, source)),
      place: { file, ...(verdict.line === undefined ? {} : { line: verdict.line }) },
      // Nobody's pipeline needs a key in its image. A file that is something else and contains one may well be needed.
      ...(verdict.isCertain && verdict.line === undefined
        ? { fix: { kind: 'leave-out-of-image', ignoreFile: ignoreFile ?? '.dockerignore', path: file } }
        : {}),
    },
  ];
}

function remedyFor(file: string, { line }: SecretVerdict, exclude: string): string {
  if (line === undefined) return exclude;
  // The build needs these, so that excluding them is no way out.
  if (isToolSettings(file))
    return 'remove the password from it and from its lock file, revoke it, and pass a new one to the build as a secret: kdeploy build --secret id=netrc,src=$HOME/.netrc, mounted by RUN --mount=type=secret,id=netrc,target=/root/.netrc';
  return `remove the secret, revoke it where it was issued, and pass a new one to the container as an environment variable; or exclude the file: ${exclude}`;
}

/** A file too large to read, or a link out of the project, is judged by its name alone. */
async function contentOf(file: string, source: CheckContext['source']): Promise<Buffer | undefined> {
  try {
    return await source.read(file);
  } catch {
    return undefined;
  }
}

/** What was not read counts the more, the more of it the project's authors wrote. */
function unread(suspicious: readonly string[], texts: readonly string[], isComplete: boolean): RuleFinding[] {
  const left = [...suspicious.slice(MAXIMUM_SUSPICIOUS), ...texts.slice(MAXIMUM_TEXTS)];
  if (left.length === 0 && isComplete) return [];
  const isOwn = suspicious.slice(MAXIMUM_SUSPICIOUS).some((file) => !isInstalledPackage(file));
  return [
    {
      severity: isOwn ? 'warning' : 'info',
      message: isComplete
        ? `${left.length} more files that may contain secrets were not scanned`
        : 'the image would contain too many folders to scan all of them for secrets',
      remedy: left.every(isInstalledPackage)
        ? 'exclude virtual environments and node_modules from the image in .dockerignore'
        : 'exclude data folders from the image in .dockerignore',
    },
  ];
}
