import type { ProjectSource } from '../project/sources/source.js';
import { isGitObject, judgeGitObject } from '../secrets/git-objects.js';
import { judgeFile, type SecretVerdict } from '../secrets/secret-files.js';

/** Where addresses with passwords, headers and whole files of passwords are, other than branches and samples. */
const MAY_HOLD_SECRET =
  /\/(?:config(?:\.worktree)?|hgrc|FETCH_HEAD|\.?(?:git-)?credentials|logs\/.*|hooks\/(?!.*\.sample$).*|branch\.conf)$/;
const MAXIMUM_TEXTS = 200;
/** Git packs its loose objects when there are more than 6700. */
const MAXIMUM_OBJECTS = 7000;
/** Files read at a time: enough to keep the disk busy, few enough for any limit on open files. */
const PARALLEL = 32;

export interface RepositorySecret {
  readonly file: string;
  readonly verdict: SecretVerdict;
}

/**
 * The first secret in a repository that reaches the image: in its settings and logs, else in what was committed, as far as
 * its files are not too large for a project's source.
 */
export async function repositorySecret(
  folder: string,
  texts: readonly string[],
  { source, reaches }: { readonly source: ProjectSource; readonly reaches: (path: string) => boolean },
): Promise<RepositorySecret | undefined> {
  // The configuration comes before the logs.
  const worth = texts.filter((file) => MAY_HOLD_SECRET.test(`/${file}`)).sort((a, b) => a.length - b.length);
  const inTexts = await firstOf(worth.slice(0, MAXIMUM_TEXTS), source, (file, content) =>
    judgeFile(neutral(file), content),
  );
  if (inTexts !== undefined) return inTexts;
  const objects = (await source.list(folder)).filter((file) => isGitObject(file) && reaches(file));
  return firstOf(objects.slice(0, MAXIMUM_OBJECTS), source, judgeGitObject);
}

async function firstOf(
  files: readonly string[],
  source: ProjectSource,
  judge: (file: string, content: Buffer) => SecretVerdict | undefined,
): Promise<RepositorySecret | undefined> {
  for (let at = 0; at < files.length; at += PARALLEL) {
    const part = files.slice(at, at + PARALLEL);
    const contents = await Promise.all(part.map((file) => source.read(file).catch(() => undefined)));
    for (const [index, file] of part.entries()) {
      const content = contents[index];
      const verdict = content === undefined ? undefined : judge(file, content);
      if (verdict?.isCertain === true) return { file, verdict };
    }
  }
  return undefined;
}

/** As it would be called in any repository: of a branch named `secrets`, the log is no file of secrets. */
function neutral(file: string): string {
  return `.git/${/\/logs\/|\/hooks\//.test(file) ? 'logs/HEAD' : file.slice(file.lastIndexOf('/') + 1)}`;
}
