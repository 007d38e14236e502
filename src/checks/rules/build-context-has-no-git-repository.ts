import type { Repository } from '../../secrets/repositories.js';
import { excludeCommand } from '../append-command.js';
import type { CheckContext } from '../context.js';
import { contextFiles } from '../context-files.js';
import { repositorySecret, type RepositorySecret } from '../repository-secret.js';
import type { Rule, RuleFinding } from '../rule.js';

/** Build backends that ask Git for the version: without the repository, they fail. */
const ASKS_FOR_VERSION =
  /\b(?:setuptools[-_]scm|setuptools-git-versioning|vcs-versioning|hatch-vcs|versioningit|versioneer|dunamai|(?:poetry|uv)-dynamic-versioning)\b|source\s*=\s*["'](?:scm|vcs)["']/;

/** kedro docker's own .dockerignore lets .git through, and `COPY . .` takes it along. */
export const buildContextHasNoGitRepository: Rule = {
  id: 'build-context-has-no-git-repository',
  group: 'secrets',
  description: 'No Git repository, with everything that was ever committed, is copied into the image',

  async check(context): Promise<RuleFinding[]> {
    const { repositories } = await contextFiles(context);
    const findings: RuleFinding[] = [];
    for (const [repository, files] of repositories) findings.push(...(await judge(repository, files, context)));
    return findings;
  },
};

async function judge(
  { folder, what, history }: Repository,
  files: readonly string[],
  context: CheckContext,
): Promise<RuleFinding[]> {
  const [buildContext, { value: dockerfile }] = await Promise.all([context.buildContext(), context.dockerfile()]);
  const isKept = (path: string) => dockerfile === undefined || dockerfile.keeps(path);
  const reaches = (path: string) => !buildContext.isIgnored(path) && isKept(path);
  const secret = await repositorySecret(folder, files.filter(isKept), { source: context.source, reaches });
  // Some let only HEAD and a few others through, which name the commit.
  if (secret === undefined && !reaches(`${history}/pack/pack`)) return [];

  const ignoreFile = buildContext.ignoreFile ?? '.dockerignore';
  const exclude = await excludeCommand(folder, buildContext.ignoreFile, context.source);
  const isNeeded = dockerfile?.asksGit === true || (await asksForVersion(context));
  const remedy = isNeeded
    ? `the build asks Git about the project: let it do so in a stage of its own, from which the repository is not copied; or pass it the version as a build argument, and ${exclude}`
    : exclude;
  return [
    {
      severity: secret === undefined ? 'warning' : 'error',
      message:
        secret === undefined
          ? `the image would contain the ${what} ${folder}: everything that was ever committed, deleted secrets included`
          : `the image would contain the ${what} ${folder}, and ${secret.file} ${secret.verdict.why}`,
      remedy: secret === undefined ? remedy : `${remedy}; if an image with it was ever pushed, revoke the secret`,
      ...placeOf(secret),
      ...(isNeeded ? {} : { fix: { kind: 'leave-out-of-image', ignoreFile, path: folder } }),
    },
  ];
}

function placeOf(secret: RepositorySecret | undefined): Pick<RuleFinding, 'place'> {
  if (secret === undefined) return {};
  const { line } = secret.verdict;
  return { place: { file: secret.file, ...(line === undefined ? {} : { line }) } };
}

async function asksForVersion({ source }: CheckContext): Promise<boolean> {
  const text = await source.read('pyproject.toml').catch(() => undefined);
  return text !== undefined && ASKS_FOR_VERSION.test(text.toString('latin1'));
}
