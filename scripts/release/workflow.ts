import { parse } from 'yaml';

/** What the workflow is judged beside. */
export interface WorkflowPlace {
  /** `repository.url` of package.json. */
  readonly repository: string | undefined;
  /** Where the workflow runs: the URL of `origin`. */
  readonly remote: string | undefined;
  /** The text of .npmrc, where there is one. */
  readonly npmrc: string | undefined;
}

interface Step {
  readonly uses?: string;
  readonly run?: string;
}

interface Job {
  readonly uses?: string;
  readonly environment?: string | { readonly name?: string };
  readonly permissions?: Readonly<Record<string, string>> | string;
  readonly steps?: readonly Step[];
}

interface Workflow {
  readonly on: string | readonly string[] | Readonly<Record<string, unknown>>;
  readonly permissions?: Readonly<Record<string, string>> | string;
  readonly env?: object;
  readonly jobs: Readonly<Record<string, Job>>;
}

interface Publication {
  readonly registry: 'npm' | 'PyPI';
  /** Which one the publisher is registered with: CONTRIBUTING.md, "Releases". */
  readonly environment: string;
  readonly isIn: (step: Step) => boolean;
}

const PUBLICATIONS: readonly Publication[] = [
  { registry: 'npm', environment: 'npm', isIn: ({ run = '' }) => /\bnpm\s+publish\b/.test(run) },
  {
    registry: 'PyPI',
    environment: 'pypi',
    isIn: ({ uses = '', run = '' }) =>
      uses.startsWith('pypa/gh-action-pypi-publish@') || /\b(?:twine upload|uv publish)\b/.test(run),
  },
];

const STORED_TOKEN = /secrets\.|NODE_AUTH_TOKEN|_authToken|_password|TWINE_|UV_PUBLISH_TOKEN|password/i;

/**
 * What would make trusted publishing fail when it is too late to change anything: each has failed for others
 * (npm/cli#9969, pypa/gh-action-pypi-publish#166).
 */
export function workflowProblems(text: string, { repository, remote, npmrc }: WorkflowPlace): string[] {
  const workflow = parse(text) as Workflow;
  const { on, jobs, permissions, env = {} } = workflow;
  const problems: string[] = [...repositoryProblems(repository, remote)];
  const events = typeof on === 'string' ? [on] : Array.isArray(on) ? (on as readonly string[]) : Object.keys(on);
  if (events.includes('workflow_call'))
    problems.push('PyPI accepts no workflow that others call: remove workflow_call');
  if (mayAskForToken(permissions)) problems.push('every job may ask for a token: give id-token to those that publish');
  if (STORED_TOKEN.test(JSON.stringify(env))) problems.push(storedToken('the workflow'));
  if (/_(?:authToken|auth|password)\s*=/.test(npmrc ?? '')) problems.push(storedToken('.npmrc'));
  for (const [name, job] of Object.entries(jobs)) problems.push(...jobProblems(`the job ${name}`, job));
  return problems;
}

function repositoryProblems(repository: string | undefined, remote: string | undefined): string[] {
  if (repository === undefined)
    return ['package.json has no repository.url: npm compares it with the repository that publishes (422)'];
  if (remote === undefined || address(repository) === address(remote)) return [];
  return [`package.json has the repository ${repository}, and the remote is ${remote}: npm compares them (422)`];
}

/** `git+https://github.com/acme/kdeploy.git` and `git@github.com:acme/kdeploy` are one. npm distinguishes upper case. */
function address(url: string): string {
  const [, host = '', way = ''] = /^(?:[\w+]+:\/\/)?(?:[^@/]*@)?([^/:]+)(?::\d+(?=\/))?[/:]+(.*)$/.exec(url) ?? [];
  return `${host.toLowerCase()}/${way.replace(/[#?].*$/, '').replace(/(?:\.git)?\/*$/, '')}`;
}

function jobProblems(what: string, { uses, environment, permissions, steps = [], ...others }: Job): string[] {
  const problems: string[] = [];
  if (uses !== undefined) problems.push(`${what} calls another workflow, whose name PyPI would not accept`);
  const publications = PUBLICATIONS.filter(({ isIn }) => steps.some(isIn));
  if (publications.length === 0) {
    if (mayAskForToken(permissions)) problems.push(`${what} may ask for a token and publishes nothing`);
    return problems;
  }
  if (!mayAskForToken(permissions)) problems.push(`${what} lacks the permission id-token: write`);
  const named = typeof environment === 'object' ? environment.name : environment;
  if (named === undefined || named === '') {
    problems.push(`${what} names no environment, which the publisher is bound to`);
  }
  for (const { registry, environment: registered } of publications) {
    if (named !== undefined && named !== '' && named !== registered)
      problems.push(`${what} has the environment ${named}; the one registered with ${registry} is ${registered}`);
  }
  if (STORED_TOKEN.test(JSON.stringify([others, steps]))) problems.push(storedToken(what));
  const publishing = steps.findIndex((step) => PUBLICATIONS[0]?.isIn(step));
  if (publishing >= 0) problems.push(...npmProblems(what, steps.slice(0, publishing + 1)));
  return problems;
}

/** By `npm install`, for the one that comes with Node.js is of any version. */
function npmProblems(what: string, steps: readonly Step[]): string[] {
  const installed = steps.flatMap(({ run = '' }) => [
    ...run.matchAll(/\bnpm (?:install|i) (?:--global|-g) npm(?:@(\S+))?/g),
  ]);
  const version = installed.at(-1)?.[1] ?? '';
  const [, ...numbers] = /^(\d+)\.(\d+)\.(\d+)$/.exec(version) ?? [];
  if (numbers.length === 0) return [`${what} pins no npm; below 11.5.1 it uploads without a token (404)`];
  const [major = 0, minor = 0, patch = 0] = numbers.map(Number);
  const isEnough = major * 1e6 + minor * 1e3 + patch >= 11_005_001;
  return isEnough ? [] : [`${what} has npm ${version}; below 11.5.1 it uploads without a token (404)`];
}

function mayAskForToken(permissions: Job['permissions']): boolean {
  return typeof permissions === 'object' ? permissions['id-token'] === 'write' : permissions === 'write-all';
}

function storedToken(what: string): string {
  return `${what} has a stored token, which trusted publishing must not need`;
}
