import type { Instruction } from '../../project/dockerfile/instructions.js';
import { parseInstructions } from '../../project/dockerfile/instructions.js';
import type { SecretVerdict } from '../../secrets/secret-files.js';
import { judgeVariable, judgeWords } from '../../secrets/variables.js';
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

function judge({ keyword, text, heredocs, properties }: Instruction): SecretVerdict | undefined {
  const whole = [text, ...heredocs.map(({ content }) => content)].join('\n');
  const found = judgeWords(whole);
  if (found !== undefined || (keyword !== 'ENV' && keyword !== 'ARG')) return found;
  const verdicts = properties.flatMap(
    ({ name, value = '' }) => judgeVariable(name, value.replace(/^(["'])(.*)\1$/s, '$2')) ?? [],
  );
  return verdicts.find(({ isCertain }) => isCertain) ?? verdicts[0];
}
