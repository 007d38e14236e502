import { engineProbe } from './engine-probe.js';
import { googleProbe } from './google-probe.js';
import { hookProbe } from './hook-probe.js';
import { kdeployProbe } from './kdeploy-probe.js';
import { kedroProbe } from './kedro-probe.js';
import { mlflowProbe } from './mlflow-probe.js';
import type { Probe } from './probe.js';
import { registryProbe } from './registry-probe.js';
import { uvProbe } from './uv-probe.js';

/** Everything `kdeploy doctor` looks at, in the order it is shown. To add one: a file beside these, a line here. */
export const PROBES: readonly Probe[] = [
  engineProbe,
  kedroProbe,
  registryProbe,
  googleProbe,
  mlflowProbe,
  hookProbe,
  uvProbe,
  kdeployProbe,
];
