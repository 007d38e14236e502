import type { CheckContext } from '../context.js';
import type { Rule, RuleFinding } from '../rule.js';
import { isSuspicious, judgeFile } from '../secret-files.js';

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

/** Content is looked at in this many files at most, so that a folder of a million JSON files does not stop the hook. */
const MAXIMUM_READ = 500;

/** `COPY . .` copies whatever .dockerignore lets through, and a layer keeps it even when a later one deletes it. */
export const buildContextHasNoCredentials: Rule = {
  id: 'build-context-has-no-credentials',
  group: 'secrets',
  description: 'No key or credentials file is copied into the image with the project',

  async check(context): Promise<RuleFinding[]> {
    const buildContext = await context.buildContext();
    const files = await context.source.list('', (folder) => {
      const name = folder.slice(folder.lastIndexOf('/') + 1);
      return SKIPPED_FOLDERS.has(name) || buildContext.isWhollyIgnored(folder);
    });
    const suspicious = files.filter((file) => isSuspicious(file) && !buildContext.isIgnored(file));
    const ignoreFile = buildContext.ignoreFile ?? '.dockerignore';
    const findings = await Promise.all(
      suspicious.slice(0, MAXIMUM_READ).map((file) => judge(file, context, ignoreFile)),
    );
    return [...findings.flat(), ...unread(suspicious.length)];
  },
};

async function judge(file: string, { source }: CheckContext, ignoreFile: string): Promise<RuleFinding[]> {
  const verdict = judgeFile(file, await contentOf(file, source));
  if (verdict === undefined) return [];
  return [
    {
      severity: verdict.isCertain ? 'error' : 'warning',
      message: `${file} ${verdict.why}, and .dockerignore lets it into the image`,
      remedy: `echo '${file}' >> ${ignoreFile}`,
      place: { file },
    },
  ];
}

/** A file too large to read, or a link out of the project, is judged by its name alone. */
async function contentOf(file: string, source: CheckContext['source']): Promise<Buffer | undefined> {
  try {
    return await source.read(file);
  } catch {
    return undefined;
  }
}

function unread(count: number): RuleFinding[] {
  if (count <= MAXIMUM_READ) return [];
  return [
    {
      severity: 'warning',
      message: `${count - MAXIMUM_READ} more files that may hold keys were not looked at`,
      remedy: 'leave folders of data out of the image in .dockerignore',
    },
  ];
}
