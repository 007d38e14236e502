import type { Rule } from '../rule.js';

/** Of what `kdeploy dag` learned on this machine; starts no container and asks no registry. */
export const dagCurrent: Rule = {
  id: 'dag-current',
  group: 'project',
  description: 'The configured DAG works with its image, and its file is the one that kdeploy would write',

  async check(context) {
    const { dag } = context.settings;
    if (dag === null) return [];
    // Loaded here: most projects configure no DAG.
    const [{ configuredDags }, { StateFolder }] = await Promise.all([
      import('../configured-dags.js'),
      import('../../state-folder.js'),
    ]);
    return configuredDags(context, dag, StateFolder.ofUser(context.processEnvironment));
  },
};
