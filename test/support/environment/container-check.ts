import { PassThrough } from 'node:stream';

import { connect, type EngineHost } from './engine.js';
import { timed } from './progress.js';

const script = (mlflowUri: string): string => `
import subprocess, sys, urllib.request
urllib.request.urlopen("${mlflowUri}/health", timeout=20).read()
sys.exit(subprocess.call(["pip", "download", "--quiet", "--no-deps", "--dest", "/tmp/download", "iniconfig"]))
`;

/**
 * Proves, before any test relies on it, that a container reaches MLflow under the same address as this machine, and PyPI: without
 * the one a tracked run fails, without the other an image's build, both far from the cause.
 */
export async function checkContainers(host: EngineHost, image: string, mlflowUri: string): Promise<void> {
  await timed('containers', 'reached MLflow and PyPI', async () => {
    const output = new PassThrough();
    let text = '';
    output.on('data', (chunk: Buffer) => (text += chunk.toString()));
    const [result] = (await connect(host).run(image, ['python', '-c', script(mlflowUri)], output, {
      Tty: true,
      HostConfig: { AutoRemove: true },
    })) as [{ StatusCode: number }];
    if (result.StatusCode === 0) return;
    throw new Error(
      `a container of the engine at ${host} does not reach MLflow (${mlflowUri}) or PyPI:\n${text.trim()}`,
    );
  });
}
