import { KdeployError } from '../../errors.js';

const VARIABLE = 'KDEPLOY_PLAIN_HTTP';

/**
 * Whether the user says that a registry has no TLS: `KDEPLOY_PLAIN_HTTP=registry.local:5000,10.0.0.5:5000`. Named one by one,
 * for what is sent without TLS, passwords too, can be read on its way. Throws KdeployError `configuration` for a list with
 * something else in it.
 */
export function isPlainHttp(registry: string, { [VARIABLE]: list = '' }: NodeJS.ProcessEnv): boolean {
  const names = list
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each !== '');
  const wrong = names.find((each) => !/^(?=.*[.:]|localhost$)(?:[\w.-]+|\[[\da-f:.]+\])(?::\d+)?$/i.test(each));
  if (wrong !== undefined)
    throw new KdeployError('configuration', `${VARIABLE} has ${wrong}, which is not the name of a registry`, {
      hint: `name registries without TLS by host and port, with commas between them: ${VARIABLE}=registry.local:5000`,
    });
  return names.includes(registry);
}
