import type { CompiledRequirements } from '../../project/requirements/project-requirements.js';
import { isDeclared } from '../declarations.js';
import type { Rule, RuleFinding } from '../rule.js';

/** People edit requirements.in and forget that the image is built from the requirements.txt that pip-compile makes of it. */
export const requirementsInNotCompiled: Rule = {
  id: 'requirements-in-not-compiled',
  group: 'project',
  description: 'What requirements.in asks for has reached requirements.txt',

  async check(context): Promise<RuleFinding[]> {
    const { inputs } = await context.requirements();
    return inputs.flatMap(findingsOf);
  },
};

function findingsOf({ input, output, inputDeclarations, outputDeclarations }: CompiledRequirements): RuleFinding[] {
  const remedy = `pip-compile ${input} --output-file ${output}`;
  const missing = inputDeclarations.filter(
    ({ name, isConstraint, applies }) => !isConstraint && applies && !isDeclared(outputDeclarations ?? [], name),
  );
  const kedroMlflow = missing.find(({ name }) => name === 'kedro-mlflow');
  if (kedroMlflow !== undefined) {
    const state = outputDeclarations === undefined ? `${output} does not exist` : `not in ${output}`;
    return [
      {
        severity: 'error',
        message: `kedro-mlflow is in ${input} but ${state}, and that is the file that images are built from`,
        remedy,
        place: kedroMlflow.place,
      },
    ];
  }
  const [first] = missing;
  if (first === undefined || outputDeclarations === undefined) return [];
  const names = missing.slice(0, 3).map(({ name }) => name);
  return [
    {
      severity: 'warning',
      message: `${output} is older than ${input}: it lacks ${names.join(', ')}${missing.length > 3 ? ' and others' : ''}`,
      remedy,
      place: first.place,
    },
  ];
}
