/** What a command in a RUN instruction installs; paths are as the command gives them, inside the image. */
export type InstallStep =
  | { readonly kind: 'requirements-file'; readonly path: string }
  | { readonly kind: 'package'; readonly requirement: string }
  | { readonly kind: 'project'; readonly path: string; readonly extras: readonly string[] }
  /** The tool reads its own lock or environment file. */
  | { readonly kind: 'opaque'; readonly tool: string };

/** Every installation in a shell command such as `pip install uv && uv pip install --system -r /tmp/requirements.txt`. */
export function installSteps(command: string): InstallStep[] {
  return splitCommands(command).flatMap(stepsOf);
}

/** pip's options that are followed by a value; without them the value would pass for a package. */
const OPTIONS_WITH_VALUE = new Set(
  (
    '-c --constraint -b --build -i --index-url --extra-index-url -f --find-links -t --target --prefix --root --src ' +
    '--python --python-version --platform --abi --implementation --no-binary --only-binary --cache-dir --proxy --cert ' +
    '--trusted-host --timeout --retries --progress-bar --upgrade-strategy --report --log --use-feature --config-settings ' +
    '--global-option --index --default-index --exclude-newer --index-strategy --keyring-provider --resolution --link-mode -p'
  ).split(' '),
);

const OPAQUE_TOOLS: readonly (readonly [RegExp, string])[] = [
  [/^uv (?:sync|run)\b/, 'uv sync'],
  [/^poetry (?:install|sync)\b/, 'poetry install'],
  [/^pdm (?:install|sync)\b/, 'pdm install'],
  [/^pipenv (?:install|sync)\b/, 'pipenv install'],
  [/^(?:conda|mamba|micromamba) (?:env (?:create|update)|install|create)\b/, 'conda'],
  [/^pixi install\b/, 'pixi install'],
];

function stepsOf(words: readonly string[]): InstallStep[] {
  const command = words.filter((word) => !/^[A-Za-z_]\w*=/.test(word));
  const program = (command[0] ?? '').split('/').at(-1) ?? '';
  const text = [program, ...command.slice(1)].join(' ');
  for (const [pattern, tool] of OPAQUE_TOOLS) if (pattern.test(text)) return [{ kind: 'opaque', tool }];
  if (/^(?:uv )?pip-?sync\b|^uv pip sync\b/.test(text)) {
    return command.filter((word) => /\.(?:txt|in)$/.test(word)).map((path) => ({ kind: 'requirements-file', path }));
  }
  const install = command.indexOf('install');
  if (install < 0 || !/^(?:python[\d.]* -m (?:uv )?|uv )?pip[\d.]*\b/.test(text)) return [];
  return pipInstall(command.slice(install + 1));
}

function pipInstall(words: readonly string[]): InstallStep[] {
  const steps: InstallStep[] = [];
  for (let index = 0; index < words.length; index++) {
    const word = words[index] ?? '';
    const [, attached] = /^(?:--requirements?=|-r)(.+)$/.exec(word) ?? [];
    if (attached !== undefined) steps.push({ kind: 'requirements-file', path: attached });
    else if (/^(?:-r|--requirements?)$/.test(word))
      steps.push({ kind: 'requirements-file', path: words[++index] ?? '' });
    else if (/^(?:-e|--editable)$/.test(word)) steps.push(argument(words[++index] ?? ''));
    else if (OPTIONS_WITH_VALUE.has(word)) index++;
    else if (!word.startsWith('-')) steps.push(argument(word));
  }
  return steps;
}

function argument(word: string): InstallStep {
  const [, path = word, extras = ''] = /^(.*?)(?:\[([^\]]*)\])?$/s.exec(word) ?? [];
  // A path, as pip tells it apart: it has a separator or is a dot; an archive or URL is a requirement of its own.
  if (/^\.{1,2}$|^(?:\.{0,2}|~)\//.test(path) && !/\.(?:whl|zip|tar\.gz)$/.test(path)) {
    return { kind: 'project', path, extras: extras.split(',').filter((extra) => extra !== '') };
  }
  return { kind: 'package', requirement: word };
}

/** Words of each simple command. Quotes are taken off; `&&`, `||`, `;`, `|`, `&`, brackets and newlines separate. */
function splitCommands(text: string): string[][] {
  const commands: string[][] = [];
  let words: string[] = [];
  let isRedirected = false;
  for (const [token, quoted] of tokens(text)) {
    if (!quoted && /^[;&|(){}\n]+$/.test(token)) {
      commands.push(words);
      words = [];
    } else if ((quoted || !/^\d*[<>]/.test(token)) && !isRedirected) words.push(token);
    isRedirected = !quoted && /^\d*[<>]+$/.test(token);
  }
  return [...commands, words].filter((command) => command.length > 0);
}

const TOKEN = /\n|[;&|(){}]+|#[^\n]*|(?:"(?:[^"\\]|\\.)*"|'[^']*'|\$\{[^}\n]{0,200}\}|\\.|[^\s;&|(){}"'\\])+|["'\\]/gs;

function* tokens(text: string): Generator<[token: string, quoted: boolean]> {
  for (const [token] of text.matchAll(TOKEN)) {
    if (token.startsWith('#')) continue;
    yield [
      token.replace(/"((?:[^"\\]|\\.)*)"|'([^']*)'/gs, (_, double?: string, single?: string) => double ?? single ?? ''),
      /["']/.test(token),
    ];
  }
}
