import { findUv } from '../builders/layers/resolve/find-uv.js';
import { KdeployError } from '../errors.js';
import { connectEngine, ownSurroundings } from '../places/engine/connection.js';
import type { Probe, ProbeResult } from './probe.js';
import { usesLayers } from './uses-layers.js';

/** The uv that the builder layers resolves packages with; the other builders need none. */
export const uvProbe: Probe = {
  id: 'uv',
  title: 'uv',
  async run(context) {
    const { project, kedro, environment } = context;
    if (project === undefined) return { status: 'skipped', detail: 'not in a Kedro project' };
    const { signal } = new AbortController();
    try {
      const { program, version } = await findUv({ projectRoot: project.project.root, kedro, environment, signal });
      return { status: 'ok', detail: `${version}, ${program}` };
    } catch (error) {
      if (!(error instanceof KdeployError)) throw error;
      const isNeeded = await usesLayers(context, () => answersEngine(environment));
      return isNeeded
        ? failed(error)
        : { status: 'skipped', detail: `${error.message}; only the builder layers needs it` };
    }
  },
};

function failed({ message, hint }: KdeployError): ProbeResult {
  return { status: 'failed', detail: message, remedy: hint ?? 'install uv: pip install uv' };
}

function answersEngine(environment: NodeJS.ProcessEnv): Promise<boolean> {
  return connectEngine(ownSurroundings(environment)).then(
    () => true,
    () => false,
  );
}
