/** A simple command of a shell script, quotes taken off, variables as written. */
export interface ShellCommand {
  readonly words: readonly string[];
  /** The command before it writes to this one: `uv export | uv pip install -r -`. */
  readonly isPiped: boolean;
  /** `> requirements.txt` */
  readonly output: string | undefined;
  /** `< requirements.txt` */
  readonly input: string | undefined;
}

/** What may be before a command without changing what it does here. */
const KEYWORDS = new Set(['then', 'do', 'else', 'elif', 'if', 'while', 'until', '!', 'time', 'exec', 'command']);

/** Every simple command of a script, in order: `&&`, `||`, `;`, `|`, `&`, brackets and line ends separate them. */
export function shellCommands(script: string): ShellCommand[] {
  const commands: ShellCommand[] = [];
  let words: string[] = [];
  let redirections: { output?: string; input?: string } = {};
  let pending: '<' | '>' | 'other' | undefined;
  let isPiped = false;

  const end = (separator: string): void => {
    while (KEYWORDS.has(words[0] ?? '')) words.shift();
    const { output, input } = redirections;
    if (words.length > 0 || output !== undefined) commands.push({ words, isPiped, output, input });
    isPiped = separator === '|' || separator === '|&';
    words = [];
    redirections = {};
    pending = undefined;
  };
  for (const { text, kind } of tokens(script)) {
    if (kind === 'separator') end(text);
    else if (kind === 'redirection') pending = /^1?>{1,2}$/.test(text) ? '>' : /^0?<$/.test(text) ? '<' : 'other';
    else if (pending === undefined) words.push(text);
    else {
      if (pending === '>') redirections.output = text;
      else if (pending === '<') redirections.input = text;
      pending = undefined;
    }
  }
  end('');
  return commands;
}

interface Token {
  readonly text: string;
  readonly kind: 'word' | 'separator' | 'redirection';
}

function* tokens(script: string): Generator<Token> {
  let at = 0;
  while (at < script.length) {
    const character = script[at] ?? '';
    if (character === '\n' || ';&|(){}'.includes(character)) {
      const start = at++;
      while (at < script.length && ';&|'.includes(character) && ';&|'.includes(script[at] ?? '')) at++;
      yield { text: script.slice(start, at), kind: 'separator' };
    } else if (/\s/.test(character)) at++;
    else if (character === '#') at = lineEnd(script, at);
    else {
      const redirection = /\d?(?:<<<|<<-?|<>|[<>]&?|>{1,2}\|?)>?/y;
      redirection.lastIndex = at;
      const found = redirection.exec(script)?.[0];
      if (found !== undefined) {
        at += found.length;
        // `2>&1` is complete; the others name a file next.
        const target = /[<>]&$/.test(found) ? /\d|-/y : undefined;
        if (target !== undefined) {
          target.lastIndex = at;
          at += target.exec(script)?.[0].length ?? 0;
        } else yield { text: found, kind: 'redirection' };
      } else {
        const { text, next } = word(script, at);
        at = next;
        yield { text, kind: 'word' };
      }
    }
  }
}

/** One word from `from` on. `${…}` belongs to it whatever is inside; `\` takes the meaning off what follows. */
function word(script: string, from: number): { text: string; next: number } {
  const pieces: string[] = [];
  let at = from;
  while (at < script.length) {
    const character = script[at] ?? '';
    if (/\s/.test(character) || ';&|(){}<>'.includes(character)) break;
    if (character === "'" || character === '"') {
      const closed = quoted(script, at);
      pieces.push(closed.text);
      at = closed.next;
    } else if (character === '\\') {
      // A continued line within a here-document.
      if (script[at + 1] !== '\n') pieces.push(script[at + 1] ?? '');
      at += 2;
    } else if (character === '$' && script[at + 1] === '{') {
      const end = script.indexOf('}', at);
      const next = end < 0 || end - at > 200 ? at + 2 : end + 1;
      pieces.push(script.slice(at, next));
      at = next;
    } else {
      pieces.push(character);
      at++;
    }
  }
  return { text: pieces.join(''), next: at };
}

/** Without its end, a quote is a character like others: a broken command shall not hide those after it. */
function quoted(script: string, from: number): { text: string; next: number } {
  const quote = script[from] ?? '';
  let end = from + 1;
  while (end < script.length && script[end] !== quote) end += quote === '"' && script[end] === '\\' ? 2 : 1;
  if (end >= script.length) return { text: '', next: from + 1 };
  const inside = script.slice(from + 1, end);
  return { text: quote === '"' ? inside.replace(/\\(["\\])/g, '$1') : inside, next: end + 1 };
}

function lineEnd(script: string, from: number): number {
  const end = script.indexOf('\n', from);
  return end < 0 ? script.length : end;
}
