import type { Declaration } from '../../project/python/declaration.js';
import type { CompiledRequirements } from '../../project/python/project-requirements.js';
import type { Rule, RuleFinding } from '../rule.js';

/** People edit requirements.in and forget that the image is built from the requirements.txt that pip-compile makes of it. */
export const requirementsInNotCompiled: Rule = {
  id: 'requirements-in-not-compiled',
  group: 'project',
  description: 'The compiled requirements are up to date with requirements.in or pyproject.toml',

  async check(context): Promise<RuleFinding[]> {
    const { inputs } = await context.requirements();
    const { overlap, rangeOf } = await import('../../project/python/version-range.js');
    return inputs.flatMap((compiled) => findingsOf(compiled, (a, b) => overlap(rangeOf(a), rangeOf(b))));
  },
};

const CONSEQUENCE = {
  installed: 'images are built from that file',
  refused: 'the build is configured to fail if the lock file is out of date',
  renewed: 'the build updates the lock file, so the image may get versions that you have not tested',
} as const;

function findingsOf(compiled: CompiledRequirements, canMeet: (a: string, b: string) => boolean): RuleFinding[] {
  const { input, output, command, stale, inputDeclarations, outputDeclarations } = compiled;
  const wanted = inputDeclarations.filter(({ isConstraint, applies }) => !isConstraint && applies);
  const compiledByName = new Map<string, Declaration[]>();
  for (const each of outputDeclarations ?? [])
    if (!each.isConstraint && compiledByName.get(each.name)?.push(each) === undefined)
      compiledByName.set(each.name, [each]);
  const missing = wanted.filter(({ name }) => !compiledByName.has(name));
  const kedroMlflow = missing.find(({ name }) => name === 'kedro-mlflow');
  if (kedroMlflow !== undefined) {
    const state = outputDeclarations === undefined ? `${output} does not exist` : `not in ${output}`;
    return [
      {
        severity: stale === 'renewed' ? 'info' : 'error',
        message: `kedro-mlflow is in ${input} but ${state}: ${CONSEQUENCE[stale ?? 'installed']}`,
        remedy: command,
        place: kedroMlflow.place,
      },
    ];
  }
  if (outputDeclarations === undefined) return [];
  const severity = stale === 'renewed' ? 'info' : 'warning';
  const [first] = missing;
  if (first !== undefined) {
    const names = missing.slice(0, 3).map(({ name }) => name);
    return [
      {
        severity,
        message: `${output} is out of date with ${input}: it lacks ${names.join(', ')}${missing.length > 3 ? ' and others' : ''}`,
        remedy: command,
        place: first.place,
      },
    ];
  }
  // git keeps no times, so a compiled file is old when it contains what its input no longer allows.
  for (const declaration of wanted) {
    const compiledTo = compiledByName.get(declaration.name) ?? [];
    const [pinned] = compiledTo;
    if (pinned === undefined || compiledTo.some(({ specifier }) => canMeet(specifier, declaration.specifier))) continue;
    return [
      {
        severity,
        message: `${output} is out of date with ${input}: it has ${pinned.name}${pinned.specifier}, but ${input} requires ${declaration.specifier}`,
        remedy: command,
        place: declaration.place,
      },
    ];
  }
  return [];
}
