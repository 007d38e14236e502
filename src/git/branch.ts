/**
 * CI services check out a commit, not a branch, and name the branch in a variable. In the order of asking; the branch of
 * a pull or merge request comes before the ref that the service made up to merge it.
 */
const BRANCH_VARIABLES = [
  'GITHUB_HEAD_REF',
  'CI_MERGE_REQUEST_SOURCE_BRANCH_NAME',
  'CI_COMMIT_BRANCH',
  'BITBUCKET_BRANCH',
  'BUILD_SOURCEBRANCHNAME',
  'CIRCLE_BRANCH',
  // Cloud Build and Jenkins.
  'BRANCH_NAME',
];

/** The branch that is built: the one checked out, else the one that the CI service names. */
export function currentBranch(
  checkedOut: string | undefined,
  variables: Readonly<Record<string, string | undefined>>,
): string | undefined {
  if (checkedOut !== undefined) return checkedOut;
  // GITHUB_REF_NAME is a tag's name when a tag was pushed, and `7/merge` for a pull request.
  const github = variables.GITHUB_REF_TYPE === 'branch' ? variables.GITHUB_REF_NAME : undefined;
  const named = BRANCH_VARIABLES.map((name) => variables[name]).find((value) => value !== undefined && value !== '');
  return named ?? (github === '' ? undefined : github);
}
