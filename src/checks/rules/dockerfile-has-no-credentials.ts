import type { Instruction } from '../../project/dockerfile/instructions.js';
import { parseInstructions } from '../../project/dockerfile/instructions.js';
import type { SecretVerdict } from '../../secrets/secret-files.js';
import { judgeVariable, judgeWords } from '../../secrets/variables.js';
import type { Rule, RuleFinding } from '../rule.js';

/** What a Dockerfile says is written into the image's history and configuration, where everyone who can pull reads it. */
export const dockerfileHasNoCredentials: Rule = {
  id: 'dockerfile-has-no-credentials',
  group: 'secrets',
  description: 'The Dockerfile contains no password, token or key',

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
          message: `${file} ${found.why}; anyone with the image can read it`,
          remedy:
            'remove it and revoke it where it was issued; pass secrets to a build with RUN --mount=type=secret, and to a container as environment variables',
          place: { file, line: instruction.line },
        },
      ];
    });
  },
};

function judge({ keyword, text, heredocs, properties }: Instruction): SecretVerdict | undefined {
  const whole = [text, ...heredocs.map(({ content }) => content)].join('\n');
  const found = judgeWords(whole);
  if (found !== undefined || (keyword !== 'ENV' && keyword !== 'ARG')) return found;
  const verdicts = properties.flatMap(
    ({ name, value = '' }) => judgeVariable(name, value.replace(/^(["'])(.*)\1$/s, '$2')) ?? [],
  );
  return verdicts.find(({ isCertain }) => isCertain) ?? verdicts[0];
}
