/** What a requirements file says of how it was made. */
export interface Compiled {
  /** What made it: `uv pip compile requirements.in -o requirements.txt`; `undefined` where it does not say. */
  readonly command: string | undefined;
  /** The files that it was made from, as the command or the annotations (`# via -r requirements.in`) name them. */
  readonly inputs: readonly string[];
}

/** The heading of pip-compile, uv, Pipenv and PDM. */
const HEADING = /^#.*(?:\bauto-?generated|@generated) by\b/im;
/** Poetry writes hashes without a heading. */
const HASH = /(?:^|\s)--(?:hash|require-hashes)\b/m;
const ANNOTATION = /(?:^|\s)#\s+via\b/m;

/**
 * Whether a requirements file was compiled from another one, so that a line added to it is lost the next time; `undefined`
 * for one that is kept by hand. pip-compile and uv say so in a heading or in annotations; hashes, nobody writes by hand.
 */
export function compiledFile(text: string): Compiled | undefined {
  const heading = text.slice(0, 2000);
  if (!HEADING.test(heading) && !HASH.test(text) && !ANNOTATION.test(text)) return undefined;
  const command = HEADING.test(heading) ? /^#[ \t]{2,}([\w./-]+ .*)$/m.exec(heading)?.[1]?.trim() : undefined;
  const named = [
    ...(command ?? '').split(/\s+/).filter((word) => /\.(?:in|toml|cfg)$|(?:^|\/)setup\.py$/.test(word)),
    ...[...text.matchAll(/^\s*#\s+(?:via\s+)?-[rc] (\S+)/gm)].map(([, file]) => file ?? ''),
  ].filter((file) => !file.startsWith('-'));
  return { command, inputs: [...new Set(named)] };
}

/** Whether it can be the output of this input; where it names none, it may be. */
export function isCompiledFrom({ inputs }: Compiled, input: string): boolean {
  return inputs.length === 0 || inputs.some((file) => baseName(file) === baseName(input));
}

/** Whether everything is pinned: what pip-compile makes without heading and annotations, or `pip freeze`. */
export function isPinned(text: string): boolean {
  const requirements = text
    .split(/\r?\n/)
    .map((line) => line.replace(/(?:^|\s)#.*$/, '').trim())
    .filter((line) => line !== '' && !line.startsWith('-'));
  return requirements.length > 0 && requirements.every((line) => /===?|\s@\s/.test(line));
}

function baseName(file: string): string {
  return file.slice(file.lastIndexOf('/') + 1);
}
