import { parseRepositoryName } from '../image/reference.js';
import { googleAccessToken, googleReason, isGoogleRegistry } from '../registry/credentials/google.js';
import type { DoctorContext, Probe } from './probe.js';

/** Google credentials, where the registry or MLflow's authentication needs them. */
export const googleProbe: Probe = {
  id: 'google',
  title: 'Google credentials',
  async run(context) {
    if (!isNeeded(context)) return { status: 'skipped', detail: 'not needed by the registry or MLflow' };
    try {
      await googleAccessToken(context.environment)();
      return { status: 'ok', detail: 'Google issues a token for them' };
    } catch (error) {
      return {
        status: 'failed',
        detail: googleReason(error),
        remedy:
          'log in with `gcloud auth application-default login`, or set GOOGLE_APPLICATION_CREDENTIALS to a key file',
      };
    }
  },
};

function isNeeded({ project }: DoctorContext): boolean {
  if (project === undefined) return false;
  const { image, runConfig } = project.settings;
  const registry = image.name === null ? '' : parseRepositoryName(image.name).registry;
  return isGoogleRegistry(registry) || runConfig.authentication.some(({ type }) => type === 'GoogleOAuth2');
}
