import { environmentValue, variableName, type RunConfiguration } from '../image/run-configuration.js';

/** The names of labels that only kdeploy writes. Engines add labels of their own, which is theirs to do. */
const OWN_LABELS = 'io.kdeploy.';

/**
 * What an image has otherwise than planned, each a phrase that goes on from "its". Values of variables and labels are
 * left out: a base image may contain a secret.
 */
export function differences(planned: RunConfiguration, found: RunConfiguration): string[] {
  return [
    ...differentList('entrypoint', planned.entrypoint, found.entrypoint),
    ...differentList('command', planned.cmd, found.cmd),
    ...differentText('working directory', planned.workingDirectory, found.workingDirectory),
    ...differentText('user', planned.user, found.user),
    ...differentEntries('variable', variables(planned), variables(found), () => true),
    ...differentEntries('label', planned.labels, found.labels, (name) => name.startsWith(OWN_LABELS)),
  ];
}

function differentList(what: string, planned: readonly string[], found: readonly string[]): string[] {
  return differentText(what, JSON.stringify(planned), JSON.stringify(found));
}

function differentText(what: string, planned: string, found: string): string[] {
  return planned === found ? [] : [`${what} is ${found || 'not set'} instead of ${planned || 'not set'}`];
}

function differentEntries(
  what: string,
  planned: Readonly<Record<string, string>>,
  found: Readonly<Record<string, string>>,
  mayNotBeAdded: (name: string) => boolean,
): string[] {
  const names = Object.keys(planned);
  const added = Object.keys(found).filter((name) => !Object.hasOwn(planned, name) && mayNotBeAdded(name));
  return [
    ...names.filter((name) => !Object.hasOwn(found, name)).map((name) => `${what} ${name} is missing`),
    ...names
      .filter((name) => Object.hasOwn(found, name) && found[name] !== planned[name])
      .map((name) => `${what} ${name} has another value`),
    ...added.map((name) => `${what} ${name} was not planned`),
  ];
}

function variables({ env }: RunConfiguration): Record<string, string> {
  return Object.fromEntries(env.map(variableName).map((name) => [name, environmentValue(env, name) ?? '']));
}
