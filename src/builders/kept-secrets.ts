import type { EngineImage, EngineImages } from '../places/engine/images.js';
import { KdeployError } from '../errors.js';
import { secretInAddress } from '../secrets/address.js';
import { SWITCH } from '../secrets/literal.js';
import { isSecretName } from '../secrets/secret-names.js';
import type { BuildArgument } from './builder.js';

/**
 * Rejects an image that contains the value of a build argument which is a secret. Docker writes the arguments that a RUN
 * step uses into the image's history, where everyone who can pull the image reads them; an ENV keeps them as well.
 */
export async function refuseKeptSecrets(
  images: Pick<EngineImages, 'history'>,
  image: EngineImage,
  buildArguments: readonly BuildArgument[],
): Promise<void> {
  const secrets = buildArguments.filter(looksSecret);
  if (secrets.length === 0) return;
  const history = await images.history(image.id);
  const kept = [
    ...history.map(({ createdBy }) => createdBy),
    ...image.configuration.env,
    ...image.configuration.entrypoint,
    ...image.configuration.cmd,
    ...Object.values(image.configuration.labels),
  ].join('\n');
  const found = secrets.filter(({ value }) => kept.includes(value)).map(({ name }) => name);
  if (found.length === 0) return;
  throw new KdeployError(
    'build-failed',
    `the image keeps the value of the build argument ${found.join(', ')} in its history, where anyone who can pull the image can read it`,
    {
      hint: 'pass it as a build secret: `--secret id=NAME,src=FILE`, and in the Dockerfile `RUN --mount=type=secret,id=NAME …`; no tag was moved',
    },
  );
}

export function looksSecret({ name, value }: BuildArgument): boolean {
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(value)) return secretInAddress(value) !== 'none';
  return value !== '' && isSecretName(name) && !SWITCH.test(value);
}
