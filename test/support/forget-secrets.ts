/** The secrets that a process was given are remembered to its end; tests share one process. */
import { forgetSecrets } from '../../src/secrets/given-secrets.js';

export const mochaHooks = { afterEach: forgetSecrets };
