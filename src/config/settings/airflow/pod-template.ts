import { KdeployError } from '../../../errors.js';
import { parseYaml } from '../../../project/yaml.js';
import type { Flaw } from '../fields.js';
import { isMap, type SettingsMap } from '../layer.js';

/**
 * kedro-airflow-k8s put the text into a Python f-string: `{self._pvc_name}`, `{PodGenerator.make…(…)}`, `{'{{ ti.x }}'}`.
 * A flow mapping (`{cpu: 1}`, `{}`) is none.
 */
const PLACEHOLDER = /\{\{|\{\s*['"]?\{\{|\{\s*[A-Za-z_]\w*(?:\.\w+)*\s*[(}]|\{\s*[A-Za-z_]\w*\.[\w.]+/;

export type PodTemplate = { readonly pod: SettingsMap } | { readonly flaw: Flaw };

/** A pod template as data, if Airflow would keep what kdeploy needs of the pod. */
export async function readPodTemplate(template: unknown): Promise<PodTemplate> {
  const parsed = typeof template === 'string' ? await parse(template) : { pod: template };
  if ('flaw' in parsed) return parsed;
  const { pod } = parsed;
  const flaw = isMap(pod) ? podFlaw(pod) : { message: 'is not the mapping of a pod', remedy: EXAMPLE };
  return flaw === undefined ? { pod: pod as SettingsMap } : { flaw };
}

const EXAMPLE = 'write apiVersion: v1, kind: Pod, and spec.containers with one container named base';

async function parse(template: string): Promise<{ pod: unknown } | { flaw: Flaw }> {
  // In an f-string, {{}} is {}.
  const text = template.replaceAll('{{}}', '{}');
  if (PLACEHOLDER.test(text))
    return {
      flaw: {
        message: 'contains a placeholder of kedro-airflow-k8s, which kdeploy does not fill in',
        remedy: 'remove it: Airflow names the pod, and the MLflow run and the shared volume are added without it',
      },
    };
  try {
    return { pod: (await parseYaml(text, 'the template')).value };
  } catch (error) {
    if (!(error instanceof KdeployError)) throw error;
    return { flaw: { message: `is not valid YAML: ${error.message}`, remedy: error.hint ?? EXAMPLE } };
  }
}

function podFlaw(pod: SettingsMap): Flaw | undefined {
  if (![undefined, null, 'Pod'].includes(pod.kind as string))
    return { message: 'is not of the kind Pod', remedy: EXAMPLE };
  const { spec } = pod;
  const containers = isMap(spec) ? spec.containers : undefined;
  if (!Array.isArray(containers) || containers.length === 0 || !containers.every(isMap))
    return { message: 'has no spec.containers', remedy: EXAMPLE };
  const [first, ...others] = containers as [SettingsMap, ...SettingsMap[]];
  if (others.length > 0 && first.name !== 'base')
    return {
      message: 'has several containers, and the first one is not named base',
      remedy:
        'put the container that runs the nodes first, and name it base: Airflow takes the first one, whatever its name',
    };
  if (first.command !== undefined && first.command !== null)
    return {
      message: 'has a command in its first container',
      remedy: "remove it: it would replace the image's entrypoint, and with it the authentication",
    };
  return undefined;
}
