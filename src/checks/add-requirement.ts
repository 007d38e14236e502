import { appendCommand } from './append-command.js';
import { compiledFile } from '../project/python/compiled-file.js';
import { decodeText } from '../project/python/decode.js';
import { LOCK_FILES } from '../project/python/lock-file.js';
import type { ProjectSource } from '../project/sources/source.js';
import { shellWord } from '../shell-words.js';

/** How a requirement gets into a requirements file: what to do, and whether `--fix` can do it. */
export type Addition =
  { readonly remedy: string; readonly refusal?: undefined } | { readonly remedy: string; readonly refusal: string };

/**
 * The one judgement on a line to be added to a requirements file, for the advice, for the count of what is fixable, and for
 * `--fix`: where one of them refuses, none of them says otherwise.
 */
export async function additionTo(file: string, requirement: string, source: ProjectSource): Promise<Addition> {
  const bytes = await source.read(file);
  if (bytes === undefined) return { remedy: await appendCommand(file, requirement, source) };
  // UTF-16 has a byte of zero in every ASCII sign; PowerShell's `>` writes it.
  if (bytes.includes(0) || /^(?:\xff\xfe|\xfe\xff)/.test(bytes.toString('latin1', 0, 2))) {
    return {
      remedy: `save ${file} as UTF-8, then add ${requirement} to it`,
      refusal: `${file} is UTF-16 or not text`,
    };
  }
  const { text } = decodeText(bytes);
  const compiled = compiledFile(text);
  if (compiled !== undefined) {
    return {
      remedy: await compileAgain(file, requirement, compiled.command, compiled.inputs, source),
      refusal: /(?:^|\s)--(?:hash|require-hashes)\b/.test(text)
        ? `${file} has hashes, so pip does not accept a line without one`
        : `${file} is compiled from another file, and would lose the line the next time`,
    };
  }
  if (/\\[ \t]*(?:\r?\n)?$/.test(text)) {
    return {
      remedy: `remove the backslash at the end of ${file}, then add ${requirement} to it`,
      refusal: `${file} ends with a backslash, which would join the new line to it`,
    };
  }
  return { remedy: await appendCommand(file, requirement, source) };
}

/** To the input, and then what made the file. */
async function compileAgain(
  file: string,
  requirement: string,
  command: string | undefined,
  inputs: readonly string[],
  source: ProjectSource,
): Promise<string> {
  // pipenv prints what the file is made of.
  const again =
    command?.startsWith('pipenv ') === true ? `${command} > ${shellWord(file)}` : (command ?? `compile ${file} again`);
  const join = command === undefined ? ', and ' : ' && ';
  if (/^(?:uv export|pdm |pipenv )/.test(command ?? '')) {
    const [tool = ''] = (command ?? '').split(' ');
    return `${tool === 'pipenv' ? 'pipenv install' : `${tool} add`} '${requirement}' && ${again}`;
  }
  const input = await firstOf(
    inputs.filter((each) => each.endsWith('.in')),
    source,
  );
  if (input !== undefined) {
    return `${await appendCommand(input, requirement, source)}${join}${again}`;
  }
  if (command === undefined && (await source.read(LOCK_FILES.poetry)) !== undefined)
    return `poetry add '${requirement}' && poetry export --output ${file}`;
  if (command === undefined && (await source.read(LOCK_FILES.uv)) !== undefined)
    return `uv add '${requirement}' && uv export --no-emit-project --output-file ${file}`;
  return `add ${requirement} to ${inputs[0] ?? 'the file that it is compiled from'}, and ${command === undefined ? again : `run: ${again}`}`;
}

async function firstOf(files: readonly string[], source: ProjectSource): Promise<string | undefined> {
  for (const file of files) if ((await source.read(file)) !== undefined) return file;
  return undefined;
}
