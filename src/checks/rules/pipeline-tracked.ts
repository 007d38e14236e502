import type { Dockerfile } from '../../project/dockerfile/dockerfile.js';
import type { Rule, RuleFinding } from '../rule.js';

/** A pipeline in `disable_tracking.pipelines` runs and logs nothing, without a word in the output. */
export const pipelineTracked: Rule = {
  id: 'pipeline-tracked',
  group: 'tracking',
  description: 'mlflow.yml does not disable tracking for the pipeline that the image runs',

  async check(context): Promise<RuleFinding[]> {
    const { value: config } = await context.trackingConfig();
    const { value: dockerfile } = await context.dockerfile();
    if (config?.document === undefined || dockerfile === undefined) return [];
    const path = ['tracking', 'disable_tracking', 'pipelines'];
    const disabled = path.reduce<unknown>((value, key) => (isMapping(value) ? value[key] : undefined), config.document);
    if (!Array.isArray(disabled)) return [];

    const pipelines = pipelinesOf(dockerfile);
    // kedro-mlflow tracks a run of several as soon as one of them is tracked (framework/hooks/utils.py).
    if (pipelines?.every((name) => disabled.includes(name)) !== true) return [];
    const [first = ''] = pipelines;
    return [
      {
        // An orchestrator may well run another pipeline.
        severity: 'warning',
        message: `the image runs the pipeline ${pipelines.join(', ')}, but mlflow.yml disables tracking for it: nothing would be logged`,
        remedy: `remove ${first} from tracking.disable_tracking.pipelines, or set mlflow.enabled: false in kdeploy.yml if this is intended`,
        place: config.placeOf(path),
      },
    ];
  },
};

/** `kedro run --pipeline x` → `['x']`; `undefined` for another command, or one whose words cannot be told. */
function pipelinesOf({ entrypoint, cmd }: Pick<Dockerfile, 'entrypoint' | 'cmd'>): string[] | undefined {
  const words = [entrypoint, cmd].flatMap((command) => command?.words ?? command?.shell?.split(/\s+/) ?? []);
  const start = words.findIndex((word, index) => /(?:^|\/)kedro$/.test(word) && words[index + 1] === 'run');
  if (start < 0 || words.some((word) => /[$;&|`"']/.test(word))) return undefined;
  const given: string[] = [];
  for (let index = start + 2; index < words.length; index++) {
    const word = words[index] ?? '';
    const [, value] = /^(?:--pipelines?=|-p)(.+)$/.exec(word) ?? [];
    if (value !== undefined) given.push(value);
    else if (/^(?:--pipelines?|-p)$/.test(word)) given.push(words[++index] ?? '');
  }
  return given.length === 0 ? ['__default__'] : given.flatMap((names) => names.split(',')).map((name) => name.trim());
}

function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
