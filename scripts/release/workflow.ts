import { parse } from 'yaml';

interface Job {
  readonly uses?: string;
  readonly environment?: string | { readonly name: string };
  readonly permissions?: Readonly<Record<string, string>>;
  readonly steps?: readonly {
    readonly uses?: string;
    readonly run?: string;
    readonly with?: object;
    readonly env?: object;
  }[];
}

/**
 * What would make trusted publishing fail when it is too late to change anything: each has failed for others
 * (npm/cli#9969, pypa/gh-action-pypi-publish#166). `npmVersion` is what package.json asks of npm in the workflow.
 */
export function workflowProblems(text: string, repository: string | undefined): string[] {
  const { on, jobs } = parse(text) as { on: Readonly<Record<string, unknown>>; jobs: Readonly<Record<string, Job>> };
  const problems: string[] = [];
  if ('workflow_call' in on) problems.push('PyPI accepts no workflow that others call: remove workflow_call');
  if (repository === undefined) {
    problems.push('package.json has no repository.url: npm compares it with the repository that publishes (422)');
  }
  for (const [name, { uses, environment, permissions, steps = [] }] of Object.entries(jobs)) {
    if (uses !== undefined) problems.push(`the job ${name} calls another workflow, whose name PyPI would not accept`);
    const publishes = steps.some(
      (step) =>
        step.run?.includes('npm publish') === true || step.uses?.startsWith('pypa/gh-action-pypi-publish@') === true,
    );
    if (!publishes) {
      if (permissions?.['id-token'] !== undefined)
        problems.push(`the job ${name} may ask for a token and publishes nothing`);
      continue;
    }
    if (permissions?.['id-token'] !== 'write') problems.push(`the job ${name} lacks the permission id-token: write`);
    if (environment === undefined)
      problems.push(`the job ${name} names no environment, which the publisher is bound to`);
    for (const step of steps) {
      if (/secrets\.|NODE_AUTH_TOKEN|_authToken|password/i.test(JSON.stringify(step))) {
        problems.push(`the job ${name} has a stored token, which trusted publishing must not need`);
      }
      const npm = /npm install --global npm@(\d+)\.(\d+)/.exec(step.run ?? '');
      if (
        step.run?.includes('npm publish') === true &&
        !steps.some(({ run }) => run?.includes('npm install --global npm@'))
      ) {
        problems.push(`the job ${name} pins no npm; below 11.5.1 it uploads without a token (404)`);
      }
      if (npm !== null && Number(npm[1]) * 1000 + Number(npm[2]) < 11_005) {
        problems.push(
          `the job ${name} has npm ${npm[1] ?? ''}.${npm[2] ?? ''}; below 11.5.1 it uploads without a token (404)`,
        );
      }
    }
  }
  return problems;
}
