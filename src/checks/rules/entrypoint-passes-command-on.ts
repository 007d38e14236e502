import { posix } from 'node:path';
import type { Dockerfile } from '../../project/dockerfile/dockerfile.js';
import type { CheckContext } from '../context.js';
import type { Rule, RuleFinding } from '../rule.js';

/** kdeploy starts the container with its runtime, which then starts ENTRYPOINT with the command behind it. */
export const entrypointPassesCommandOn: Rule = {
  id: 'entrypoint-passes-command-on',
  group: 'project',
  description: 'The ENTRYPOINT runs the command that a container is given',

  async check(context): Promise<RuleFinding[]> {
    const { value: dockerfile } = await context.dockerfile();
    if (dockerfile?.entrypoint === undefined) return [];
    const why = await swallowed(dockerfile, context);
    if (why === undefined) return [];
    return [
      {
        severity: 'warning',
        message: `the ENTRYPOINT of ${dockerfile.file} ${why}, so containers ignore the command they are given`,
        remedy:
          'remove ENTRYPOINT and write CMD ["kedro", "run"]; or end the script with exec "$@", and write ENTRYPOINT ["./entrypoint.sh"]',
        place: { file: dockerfile.file, line: dockerfile.entrypoint.line },
      },
    ];
  },
};

/** What takes over the command's words: `"$@"`, `$*`, `$1`, or a loop that shifts them. */
const ARGUMENTS = /\$\{?[@*\d]|\bshift\b|\bgetopts\b/;
const SHELL = /(?:^|\/)(?:ba|da|z|k|a)?sh$/;

async function swallowed(dockerfile: Dockerfile, context: CheckContext): Promise<string | undefined> {
  const { entrypoint, workdir, filesAt } = dockerfile;
  if (entrypoint?.shell === '') return undefined;
  if (entrypoint?.words === undefined) return 'uses the shell form';
  const words = wrapped(entrypoint.words);
  const [program = '', ...rest] = words;
  const option = rest.findIndex((word) => /^-[a-z]*c$/.test(word));
  if (SHELL.test(program) && option >= 0) {
    const script = rest[option + 1];
    if (script === undefined) return `is a shell that uses only the first word of the command`;
    return ARGUMENTS.test(script) ? undefined : 'is a shell script that does not use its arguments';
  }
  const script = SHELL.test(program) ? rest.find((word) => !word.startsWith('-')) : program;
  if (!script?.includes('/')) return undefined;
  for (const file of filesAt(posix.resolve('/', workdir, script))) {
    const text = await textOf(file, context);
    if (text === undefined) continue;
    // Only of a shell script can it be told; and one that includes another may leave it to that.
    if (!/^#!.*\b(?:ba|da|z|k|a)?sh\b/.test(text) && !file.endsWith('.sh')) return undefined;
    const code = text.replace(/^\s*#.*$/gm, '');
    return ARGUMENTS.test(code) || /^\s*(?:\.|source)\s/m.test(code)
      ? undefined
      : `is ${file}, which does not use its arguments`;
  }
  return undefined;
}

/** Without the init process that may come first: `["tini", "--", "./entrypoint.sh"]`. */
function wrapped(words: readonly string[]): readonly string[] {
  const [program = ''] = words;
  if (!/(?:^|\/)(?:tini|dumb-init|catatonit)$/.test(program)) return words;
  return words.slice(words.findIndex((word, index) => index > 0 && !word.startsWith('-')));
}

async function textOf(file: string, { source }: CheckContext): Promise<string | undefined> {
  try {
    return (await source.read(file))?.toString('utf8');
  } catch {
    // Too large for a script, or a link out of the project, which Docker does not copy.
    return undefined;
  }
}
