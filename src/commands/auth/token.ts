import { Flags } from '@oclif/core';
import { AUTHENTICATION_TYPES, requestHeaders } from '../../authentication/types.js';
import { KdeployError } from '../../errors.js';
import { BaseCommand } from '../../ui/base-command.js';
import { environmentFlag } from '../../ui/flags.js';
import { openProjectOf } from '../../ui/open-project.js';

export interface TokenResult {
  /** The headers themselves: a secret, printed because it was asked for. */
  readonly headers: Readonly<Record<string, string>>;
}

export default class Token extends BaseCommand<TokenResult> {
  static override summary = 'Print the headers that a container would use to authenticate to MLflow.';

  static override description = `Uses the credentials of this machine. Helps to debug a server that rejects requests. The output is a secret: pipe it,
don't paste it.`;

  static override examples = [
    {
      description: 'Ask the server for its version, as a container would',
      command: '<%= config.bin %> <%= command.id %> | curl --header @- https://mlflow.example.com/version',
    },
    '<%= config.bin %> <%= command.id %> --type GoogleOAuth2',
  ];

  static override flags = {
    ...environmentFlag,
    type: Flags.option({
      options: Object.keys(AUTHENTICATION_TYPES),
      description: 'use only this authentication type',
    })(),
  };

  protected override readonly printsAsIs = true;

  async run(): Promise<TokenResult> {
    const { flags } = await this.parse(Token);
    const { settings } = await openProjectOf(flags, this.progress(flags));
    const { authentication } = settings.runConfig;
    const chosen = flags.type === undefined ? authentication : authentication.filter(({ type }) => type === flags.type);
    if (chosen.length === 0) {
      throw new KdeployError(
        'usage',
        `kdeploy.yml configures no authentication${flags.type === undefined ? '' : ` of type ${flags.type}`}`,
        {
          hint: 'add one under run_config.authentication in conf/base/kdeploy.yml: {type: GoogleOAuth2}',
        },
      );
    }
    const headers = await requestHeaders(chosen);
    for (const [name, value] of Object.entries(headers)) this.log(`${name}: ${value}`);
    return { headers };
  }
}
