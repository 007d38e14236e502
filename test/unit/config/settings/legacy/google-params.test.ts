import { expect } from 'chai';
import { withAudienceOfParams } from '../../../../../src/config/settings/legacy/google-params.js';
import type { SettingsWarning } from '../../../../../src/config/settings/settings.js';

function changed(authentication: unknown): { authentication: unknown; said: string[] } {
  const warnings: SettingsWarning[] = [];
  const layer = {
    name: 'file',
    value: {},
    originOf: (path: readonly (string | number)[]) => ({ where: path.join('.') }),
  };
  const run = withAudienceOfParams(layer, { authentication }, warnings);
  return { authentication: run.authentication, said: warnings.map(({ where, message }) => `${where}: ${message}`) };
}

describe('the params of GoogleOAuth2', () => {
  it('are its audience, in a list of types as well', () => {
    const { authentication, said } = changed([
      { type: 'Vars', params: ['A'] },
      { type: 'GoogleOAuth2', params: 'aud' },
    ]);
    expect(authentication).to.deep.equal([
      { type: 'Vars', params: ['A'] },
      { type: 'GoogleOAuth2', audience: 'aud' },
    ]);
    expect(said).to.deep.equal([
      'run_config.authentication.1.params: the params of GoogleOAuth2 are used as its audience, as kedro-airflow-k8s did',
    ]);
  });

  it('never replace an audience that is set', () => {
    const { authentication, said } = changed({ type: 'GoogleOAuth2', audience: 'mine', params: ['other'] });
    expect(authentication).to.deep.equal({ type: 'GoogleOAuth2', audience: 'mine' });
    expect(said).to.have.lengthOf(1);
  });

  for (const authentication of [undefined, null, 'GoogleOAuth2', { type: 'Vars', params: ['A'] }, [3]]) {
    it(`leave ${JSON.stringify(authentication)} as it is`, () => {
      expect(changed(authentication)).to.deep.equal({ authentication, said: [] });
    });
  }
});
