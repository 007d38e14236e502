import type { Place } from '../../errors.js';
import { classifyTrackingUri } from '../../project/tracking/tracking-uri.js';
import { redactAddresses } from '../../secrets/address.js';
import { sourceText, type TrackingSource } from '../../project/tracking/tracking.js';
import type { Rule, RuleFinding } from '../rule.js';

/** A URI is baked into the image's environment, printed in logs and shown by `docker inspect`: no place for a password. */
export const trackingUriHasNoCredentials: Rule = {
  id: 'tracking-uri-has-no-credentials',
  group: 'tracking',
  description: 'The tracking and registry URIs contain no password or token',

  async check(context): Promise<RuleFinding[]> {
    const { uri, registryUri, source, registrySource } = await context.tracking();
    const { value: config } = await context.trackingConfig();
    const candidates: [string | undefined, TrackingSource | undefined][] = [
      [uri, source],
      [registryUri, registrySource],
      // Overridden or not, a file of the base environment is copied into the image with the rest of the project.
      ...[config?.trackingUri, config?.registryUri].map((placed): [string | undefined, TrackingSource | undefined] => [
        placed?.value,
        placed === undefined ? undefined : { kind: 'mlflow.yml', place: placed.place },
      ]),
    ];
    const seen = new Set<string>();
    return candidates.flatMap(([value, origin]) => {
      if (value === undefined || origin === undefined || seen.has(sourceText(origin))) return [];
      seen.add(sourceText(origin));
      return judge(value, origin);
    });
  },
};

function judge(uri: string, source: TrackingSource): RuleFinding[] {
  const { credentials } = classifyTrackingUri(uri);
  if (credentials === 'none') return [];
  // A lone user name counts too: that is how tokens are usually written.
  const place: { place?: Place } = source.kind === 'mlflow.yml' ? { place: source.place } : {};
  const what = credentials === 'password' ? 'a password' : 'a user name or token';
  return [
    {
      severity: 'error',
      message: `the URI from ${sourceText(source)} contains ${what} (${redactAddresses(uri)}): it would be baked into the image, where anyone can read it`,
      remedy:
        'remove it from the URI and change it on the server; pass the new one to the container as MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD (run_config.authentication, type Vars)',
      ...place,
    },
  ];
}
