import { thisMachine } from '../authentication/authentication.js';
import { requestHeaders, type AuthenticationSettings } from '../authentication/types.js';
import { KdeployError } from '../errors.js';
import { parseRepositoryName } from '../image/reference.js';
import { googleAccessToken, googleReason, isGoogleRegistry } from '../places/registry/credentials/google.js';
import type { DoctorContext, Probe } from './probe.js';

/**
 * Google credentials, where the registry or MLflow's authentication needs them. They need different tokens: a person's
 * login is good for a registry, and cannot issue ID tokens.
 */
export const googleProbe: Probe = {
  id: 'google',
  title: 'Google credentials',
  async run(context) {
    const isForRegistry = registryIsGoogles(context);
    const authentication = googleAuthentication(context);
    if (!isForRegistry && authentication.length === 0)
      return { status: 'skipped', detail: 'not needed by the registry or MLflow' };
    try {
      if (isForRegistry) await googleAccessToken(context.environment)();
      await requestHeaders(authentication, thisMachine(context.environment));
      return { status: 'ok', detail: 'Google issues a token for them' };
    } catch (error) {
      return {
        status: 'failed',
        detail: googleReason(error),
        remedy:
          (error instanceof KdeployError ? error.hint : undefined) ??
          'log in with `gcloud auth application-default login`, or set GOOGLE_APPLICATION_CREDENTIALS to a key file',
      };
    }
  },
};

function registryIsGoogles({ project }: DoctorContext): boolean {
  const name = project?.settings.image.name ?? null;
  return name !== null && isGoogleRegistry(parseRepositoryName(name).registry);
}

function googleAuthentication({ project }: DoctorContext): AuthenticationSettings[] {
  return (project?.settings.runConfig.authentication ?? []).filter(({ type }) => type === 'GoogleOAuth2');
}
