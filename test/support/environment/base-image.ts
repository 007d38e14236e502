import { readFile } from 'node:fs/promises';
import { Readable } from 'node:stream';

import type Docker from 'dockerode';
import { pack } from 'tar-stream';

import { connect, type EngineHost } from './engine.js';
import { certificateBundle, certificateVariables, packageIndexVariables, withoutProxyFor } from './package-index.js';
import { timed } from './progress.js';
import { ensureRootFilesystem, rootFilesystemKey } from './root-filesystem.js';

/** What the tests pass as `--base-image`. */
export const baseImage = 'kdeploy-test/python:3.11';

const publicImage = 'python:3.11-slim';
const importedImage = `kdeploy-test/debian:${rootFilesystemKey}`;
const bundleInImage = '/etc/ssl/certs/ca-certificates.crt';

/** Whether Docker Hub answers at once; where it is cut off, waiting for the engine's own time limit would take a minute. */
export async function doesDockerHubAnswer(): Promise<boolean> {
  return fetch('https://registry-1.docker.io/v2/', { signal: AbortSignal.timeout(5000) })
    .then((response) => response.status === 401 || response.ok)
    .catch(() => false);
}

/**
 * Makes the base image: Python's own from Docker Hub, or else a Debian with Python from its package mirror, and on top of either
 * what this machine needs to reach PyPI, so that `pip install` works in every image built on it.
 */
export async function ensureBaseImage(host: EngineHost, gateway: string): Promise<string> {
  const docker = connect(host);
  const source = (await pullPublicImage(docker)) ?? (await importRootFilesystem(docker));
  await timed('base image', 'built', () => buildBaseImage(docker, source, gateway));
  return baseImage;
}

async function pullPublicImage(docker: Docker): Promise<string | undefined> {
  if (await hasImage(docker, publicImage)) return publicImage;
  if (!(await doesDockerHubAnswer())) return undefined;
  try {
    await timed(publicImage, 'pulled', async () => {
      await finished(docker, await docker.createImage({ fromImage: publicImage }));
    });
    return publicImage;
  } catch {
    // Docker Hub limits anonymous pulls; the other way makes the same image for our purposes.
    return undefined;
  }
}

async function importRootFilesystem(docker: Docker): Promise<string> {
  if (await hasImage(docker, importedImage)) return importedImage;
  const archive = await ensureRootFilesystem();
  await timed('base image', 'imported', async () => {
    // In one word: Podman overlooks a tag that is given by itself.
    await finished(docker, await docker.importImage(archive, { repo: importedImage }));
  });
  return importedImage;
}

async function buildBaseImage(docker: Docker, source: string, gateway: string): Promise<void> {
  const bundle = certificateBundle();
  const variables = {
    ...withoutProxyFor(gateway, packageIndexVariables()),
    ...(bundle === undefined ? {} : certificateVariables(bundleInImage)),
  };
  const dockerfile = [
    `FROM ${source}`,
    ...(bundle === undefined ? [] : [`COPY ca-certificates.crt ${bundleInImage}`]),
    ...Object.entries(variables).map(([name, value]) => `ENV ${name}=${JSON.stringify(value)}`),
    'CMD ["python3"]',
  ];
  const context = pack();
  context.entry({ name: 'Dockerfile' }, dockerfile.join('\n'));
  if (bundle !== undefined) context.entry({ name: 'ca-certificates.crt' }, await readFile(bundle));
  context.finalize();
  await finished(docker, await docker.buildImage(Readable.from(context), { t: baseImage }));
}

async function hasImage(docker: Docker, name: string): Promise<boolean> {
  return docker
    .getImage(name)
    .inspect()
    .then(() => true)
    .catch(() => false);
}

/** Reads the engine's progress to its end; a failure comes as one of its messages, under HTTP status 200. */
export async function finished(docker: Docker, stream: NodeJS.ReadableStream): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    docker.modem.followProgress(stream, (error, messages: { error?: string }[]) => {
      const failure = error?.message ?? messages.find((message) => message.error !== undefined)?.error;
      if (failure === undefined) resolve();
      else reject(new Error(failure));
    });
  });
}
