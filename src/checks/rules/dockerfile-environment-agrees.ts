import { bakedVariables } from '../../bake/baked-variables.js';
import { contradictions } from '../../image/baked-environment.js';
import { environmentNames } from '../../project/kedro/loader-settings.js';
import { redactAddresses } from '../../secrets/address.js';
import type { Rule, RuleFinding } from '../rule.js';

/** The bake refuses the same of the image that was built, after the whole build. */
export const dockerfileEnvironmentAgrees: Rule = {
  id: 'dockerfile-environment-agrees',
  group: 'tracking',
  description: 'ENV in the Dockerfile sets what is baked to no other value, and names no run',

  async check(context): Promise<RuleFinding[]> {
    const { value: dockerfile } = await context.dockerfile();
    const known = dockerfile?.environment.filter(({ value }) => value !== undefined) ?? [];
    // Hardly any Dockerfile sets one of them, and the rest takes its time.
    if (dockerfile === undefined || !known.some(({ name }) => /^(?:MLFLOW|KEDRO|KDEPLOY)_/.test(name))) return [];
    const [tracking, config] = await Promise.all([context.tracking(), context.trackingConfig()]);
    const { uri } = tracking;
    // Other rules report these.
    if (uri === undefined || config.error !== undefined) return [];
    const found = contradictions({
      image: known.map(({ name, value }) => `${name}=${value ?? ''}`),
      env: context.env ?? (await environmentNames(context.project)).defaultRunEnvironment,
      tracking: bakedVariables(context.settings, { ...tracking, uri }, config.value),
    });
    return found.map((each) => {
      const { line } = known.findLast(({ name }) => name === each.name) ?? {};
      return {
        severity: 'error',
        message:
          each.kind === 'different'
            ? `${dockerfile.file} sets ${each.name} to another value than the image gets (configured: ${redactAddresses(each.configured ?? 'none')})`
            : `${dockerfile.file} sets ${each.name}, so every container would join the same MLflow run`,
        remedy: each.remedy,
        place: { file: dockerfile.file, ...(line === undefined ? {} : { line }) },
      };
    });
  },
};
