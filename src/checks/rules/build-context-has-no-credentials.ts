import { parsePattern } from '../../project/dockerfile/dockerignore-pattern.js';
import type { Dockerfile } from '../../project/dockerfile/dockerfile.js';
import { isSuspicious, judgeFile, mayHoldText, type SecretVerdict } from '../../secrets/secret-files.js';
import { isToolSettings } from '../../secrets/settings-files.js';
import type { CheckContext } from '../context.js';
import type { Rule, RuleFinding } from '../rule.js';

/** Third-party code and caches: not the project's own files, and far too many of them to look at each. */
const SKIPPED_FOLDERS = new Set([
  '.git',
  '.venv',
  'venv',
  'env',
  'node_modules',
  '__pycache__',
  'site-packages',
  '.tox',
  '.nox',
  '.ipynb_checkpoints',
  'mlruns',
  'mlartifacts',
]);

/** Files with a suspicious name are scanned first, and then texts, so that a folder of a million does not stop the hook. */
const MAXIMUM_SUSPICIOUS = 500;
const MAXIMUM_TEXTS = 2500;
/** Files read at a time: enough to keep the disk busy, few enough for any limit on open files. */
const PARALLEL = 32;

/** `COPY . .` copies whatever .dockerignore lets through, and a layer keeps it even when a later one deletes it. */
export const buildContextHasNoCredentials: Rule = {
  id: 'build-context-has-no-credentials',
  group: 'secrets',
  description: 'No key or credentials file is copied into the image with the project',

  async check(context): Promise<RuleFinding[]> {
    const [buildContext, dockerfile] = await Promise.all([context.buildContext(), context.dockerfile()]);
    const isCopied = copiedBy(dockerfile.value);
    const files = await context.source.list('', (folder) => {
      const name = folder.slice(folder.lastIndexOf('/') + 1);
      return SKIPPED_FOLDERS.has(name) || buildContext.isWhollyIgnored(folder);
    });
    const worth = files.filter(
      (file) => (isSuspicious(file) || mayHoldText(file)) && !buildContext.isIgnored(file) && isCopied(file),
    );
    const suspicious = worth.filter(isSuspicious);
    const texts = worth.filter((file) => !isSuspicious(file));
    const looked = [...suspicious.slice(0, MAXIMUM_SUSPICIOUS), ...texts.slice(0, MAXIMUM_TEXTS)].sort();
    const ignoreFile = buildContext.ignoreFile ?? '.dockerignore';
    const findings: RuleFinding[] = [];
    for (let at = 0; at < looked.length; at += PARALLEL) {
      const part = looked.slice(at, at + PARALLEL);
      findings.push(...(await Promise.all(part.map((file) => judge(file, context, ignoreFile)))).flat());
    }
    return [...findings, ...unread(suspicious.length, texts.length)];
  },
};

/** Whether a COPY or ADD takes the file along; with a Dockerfile that cannot be read, everything may be taken. */
function copiedBy(dockerfile: Dockerfile | undefined): (file: string) => boolean {
  if (dockerfile === undefined) return () => true;
  const sources = dockerfile.projectCopies.flatMap((copy) => copy.sources);
  const patterns = sources.map((source) => parsePattern(source.replace(/^[#!]/, '[$&]')));
  if (sources.some((source) => /^\.?\/*$/.test(source)) || patterns.includes(undefined)) return () => true;
  return (file) => patterns.some((pattern) => pattern?.matches(file));
}

async function judge(file: string, { source }: CheckContext, ignoreFile: string): Promise<RuleFinding[]> {
  const verdict = judgeFile(file, await contentOf(file, source));
  if (verdict === undefined) return [];
  return [
    {
      severity: verdict.isCertain ? 'error' : 'warning',
      message: `${file} ${verdict.why}, and .dockerignore does not exclude it from the image`,
      remedy: remedyFor(file, verdict, ignoreFile),
      place: { file, ...(verdict.line === undefined ? {} : { line: verdict.line }) },
      // Nobody's pipeline needs a key in its image. A file that is something else and contains one may well be needed.
      ...(verdict.isCertain && verdict.line === undefined
        ? { fix: { kind: 'leave-out-of-image', ignoreFile, path: file } }
        : {}),
    },
  ];
}

function remedyFor(file: string, { line }: SecretVerdict, ignoreFile: string): string {
  const exclude = `echo '${file}' >> ${ignoreFile}`;
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

function unread(suspicious: number, texts: number): RuleFinding[] {
  const count = Math.max(0, suspicious - MAXIMUM_SUSPICIOUS) + Math.max(0, texts - MAXIMUM_TEXTS);
  if (count === 0) return [];
  return [
    {
      severity: suspicious > MAXIMUM_SUSPICIOUS ? 'warning' : 'info',
      message: `${count} more files that may contain secrets were not scanned`,
      remedy: 'exclude data folders from the image in .dockerignore',
    },
  ];
}
