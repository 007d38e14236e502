import { KdeployError } from '../errors.js';
import { flawOf } from './credential-value.js';
import { readSecretFile } from './secret-file.js';
import type { AuthenticationType, SettingsProblem, TokenHeader } from './authentication.js';

export interface TokenFileSettings {
  readonly type: 'TokenFile';
  /** Where the container has the token; read again for every request, since Kubernetes replaces it before it ends. */
  readonly path: string;
  readonly header: TokenHeader;
}

/** A token that somebody else writes and renews: a projected Kubernetes service-account token. */
export const tokenFile: AuthenticationType<TokenFileSettings> = {
  name: 'TokenFile',
  signsRequests: true,

  problems({ path }): SettingsProblem[] {
    if (path.startsWith('/')) return [];
    return [
      {
        severity: 'error',
        message: 'TokenFile: the path is not absolute',
        remedy: 'use the path of the token in the container: /var/run/secrets/tokens/mlflow',
      },
    ];
  },

  baked: ({ path, header }) => ({ type: 'TokenFile', path, header }),

  variables: () => [],

  async requestHeaders({ path, header }) {
    const token = await readSecretFile(path, 'the token file');
    const flaw = flawOf(token, 'token');
    if (flaw !== undefined)
      throw new KdeployError('credentials', `the token file ${path} ${flaw}`, {
        hint: 'it must contain only the token',
      });
    return { [header]: `Bearer ${token}` };
  },
};
