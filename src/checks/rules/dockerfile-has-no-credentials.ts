import type { Instruction } from '../../project/dockerfile/instructions.js';
import { parseInstructions } from '../../project/dockerfile/instructions.js';
import { findPasswordInUrl, findSecret, isLiteralSecret } from '../../secrets/patterns.js';
import type { Rule, RuleFinding } from '../rule.js';

/** What a Dockerfile says is written into the image's history and configuration, where everyone who can pull reads it. */
export const dockerfileHasNoCredentials: Rule = {
  id: 'dockerfile-has-no-credentials',
  group: 'secrets',
  description: 'No password, token or key stands in the Dockerfile',

  async check(context): Promise<RuleFinding[]> {
    const { value: dockerfile } = await context.dockerfile();
    if (dockerfile === undefined || dockerfile.isTemplate) return [];
    const { file } = dockerfile;
    const text = (await context.source.read(file))?.toString('utf8') ?? '';
    return parseInstructions(text, file).instructions.flatMap((instruction) => {
      const found = judge(instruction);
      if (found === undefined) return [];
      return [
        {
          severity: found.isCertain ? ('error' as const) : ('warning' as const),
          message: `${file} ${found.why}, which the image keeps for all to read`,
          remedy:
            'take it out and change it where it was issued; a build reads secrets with RUN --mount=type=secret, a container from its environment',
          place: { file, line: instruction.line },
        },
      ];
    });
  },
};

/** Always secrets, whatever is in them. */
const MLFLOW_SECRETS = new Set(['MLFLOW_TRACKING_PASSWORD', 'MLFLOW_TRACKING_TOKEN']);
/** At the end of the name: PASSWORD_FILE and SECRET_NAME hold no secret, nor does TOKENIZERS_PARALLELISM. */
const SECRET_NAME = /(?:^|_)(?:PASSWORD|PASSWD|PWD|SECRET|TOKEN|API_?KEY|ACCESS_?KEY|SECRET_?KEY|PRIVATE_?KEY)$/i;

function judge({ keyword, text, heredocs, properties }: Instruction): { why: string; isCertain: boolean } | undefined {
  const whole = [text, ...heredocs.map(({ content }) => content)].join('\n');
  const found = findSecret(Buffer.from(whole)) ?? findPasswordInUrl(whole);
  if (found !== undefined) return { why: found.why, isCertain: true };
  if (keyword !== 'ENV' && keyword !== 'ARG') return undefined;
  for (const { name, value = '' } of properties) {
    const literal = value.replace(/^(["'])(.*)\1$/s, '$2');
    if (!isLiteralSecret(literal)) continue;
    if (MLFLOW_SECRETS.has(name)) return { why: `sets ${name} to a value`, isCertain: true };
    // A path, an address, a switch or a number is what many variables of such names hold.
    if (SECRET_NAME.test(name) && !/^(?:[./~].*|.*:\/\/.*|\d{1,4}|true|false|yes|no|on|off)$/i.test(literal))
      return { why: `sets ${name} to a value`, isCertain: false };
  }
  return undefined;
}
