import { describeArtifactLocation, judgeArtifactLocation } from '../../mlflow/artifact-location.js';
import { experimentOptionsOf, placeOfArtifactLocation } from '../../project/tracking/experiment-options.js';
import { redactAddresses } from '../../secrets/address.js';
import { certainlyLacks } from '../installed-packages.js';
import type { Rule, RuleFinding } from '../rule.js';

/**
 * The location in mlflow.yml only counts for an experiment that is made anew, which cannot be seen from here, so
 * everything is a warning. That of an existing experiment is judged in the same way when its server is asked (online.ts).
 */
export const artifactLocationUsable: Rule = {
  id: 'artifact-location-usable',
  group: 'tracking',
  description: 'Artifacts of a new experiment are stored where a container can write and nothing is lost',

  async check(context): Promise<RuleFinding[]> {
    const { value: config } = await context.trackingConfig();
    const { artifactLocation: location } = experimentOptionsOf(config?.document);
    if (config === undefined || typeof location !== 'string') return [];
    const judged = judgeArtifactLocation(location);
    const requirements = judged.kind === 'package' ? await context.requirements() : undefined;
    const lacking =
      judged.kind === 'package' && requirements !== undefined
        ? judged.packages.filter((name) => certainlyLacks(requirements, name))
        : [];
    const described = describeArtifactLocation(judged, lacking);
    if (described === undefined) return [];
    return [
      {
        severity: 'warning',
        message: `the artifact location ${redactAddresses(location)} ${described.predicate}`,
        remedy: judged.kind === 'folder' ? `remove the line to ${described.remedy}` : described.remedy,
        place: placeOfArtifactLocation(config),
      },
    ];
  },
};
