import { accessSteps, type AccessStep } from './access-commands.js';
import { builtPackage } from './built-package.js';
import { lockFileInstall, type LockFileStep } from './lock-file-install.js';
import { shellCommands, type ShellCommand } from './shell-commands.js';

/** What a command in a RUN instruction installs; paths are as the command gives them, inside the image. */
export type InstallStep =
  | {
      readonly kind: 'requirements-file';
      readonly path: string;
      /** `xargs pip install < FILE`: pip sees the lines, and does not know where they come from. */
      readonly isInput?: true;
    }
  | { readonly kind: 'package'; readonly requirement: string }
  /** `/dist/*.whl`: packages that were built before, by a name that is not known. */
  | { readonly kind: 'wheels'; readonly path: string; readonly extras: readonly string[] }
  | { readonly kind: 'project'; readonly path: string; readonly extras: readonly string[] }
  | LockFileStep
  /** The tool reads its own environment file, or is a script that may install anything. */
  | { readonly kind: 'opaque'; readonly tool: string };

/** What is the same for all that one command installs; the same object, so that steps of two commands can be told apart. */
export interface InstallCommand {
  /** Newer versions take the place of those that are there: of what it names, or of what that needs as well. */
  readonly upgrade: 'named' | 'eager' | undefined;
  /** `--no-deps` */
  readonly isWithoutDependencies: boolean;
}

/** What a command does that matters for what is installed. */
export type ShellStep =
  | { readonly kind: 'install'; readonly step: InstallStep; readonly command: InstallCommand }
  | { readonly kind: 'change-folder'; readonly path: string }
  /** A file is made of what would be installed: `poetry export -o r.txt`, `pip-compile requirements.in`. */
  | { readonly kind: 'make-file'; readonly path: string; readonly of: readonly InstallStep[] }
  | { readonly kind: 'copy-file'; readonly from: string; readonly to: string }
  /** A wheel is made of a folder. */
  | { readonly kind: 'build-package'; readonly path: string }
  | AccessStep;

/** The steps of a script such as `cd /app && pip install uv && uv pip install --system -r requirements.txt`. */
export function shellSteps(script: string): ShellStep[] {
  return stepsIn(shellCommands(script), 0);
}

/** The same for the words of one command: `RUN ["pip", "install", "kedro"]`. */
export function commandSteps(words: readonly string[]): ShellStep[] {
  return stepsIn([{ words, isPiped: false, output: undefined, input: undefined }], 0);
}

/** `sh -c "sh -c '…'"`: nobody writes more than two. */
const MAXIMUM_NESTING = 3;

function stepsIn(commands: readonly ShellCommand[], depth: number): ShellStep[] {
  const steps: ShellStep[] = [];
  let piped: readonly InstallStep[] = [];
  for (const command of commands) {
    const unwrapped = unwrap(command.words);
    if (unwrapped.script !== undefined) {
      if (depth < MAXIMUM_NESTING) steps.push(...stepsIn(shellCommands(unwrapped.script), depth + 1));
      continue;
    }
    const { words } = unwrapped;
    const exported = exportedBy(words);
    if (exported !== undefined) {
      const path = command.output ?? exported.output;
      if (path !== undefined) steps.push({ kind: 'make-file', path, of: exported.steps });
      piped = exported.steps;
      continue;
    }
    if (unwrapped.isOtherUser !== true) steps.push(...accessSteps(words));
    const built = builtPackage(words);
    if (built !== undefined) steps.push({ kind: 'build-package', path: built });
    steps.push(...stepsOf(words, command, command.isPiped ? piped : []));
    piped = [];
  }
  return steps;
}

function stepsOf(words: readonly string[], command: ShellCommand, piped: readonly InstallStep[]): ShellStep[] {
  const [program = '', first, second] = words;
  if ((program === 'cd' || program === 'pushd') && first !== undefined) return [{ kind: 'change-folder', path: first }];
  if ((program === 'cp' || program === 'mv') && words.length >= 3) {
    const [from, to, ...more] = words.slice(1).filter((word) => !word.startsWith('-'));
    return from === undefined || to === undefined || more.length > 0 ? [] : [{ kind: 'copy-file', from, to }];
  }
  if (program === 'cat' && command.output !== undefined) {
    const of = words.slice(1).map((path): InstallStep => ({ kind: 'requirements-file', path }));
    return [{ kind: 'make-file', path: command.output, of }];
  }
  if (program === 'xargs') return xargs(words, command);
  const steps = installsOf(words, second).flatMap((step) =>
    step.kind === 'requirements-file' && /^(?:-|\/dev\/stdin)$/.test(step.path)
      ? piped.length > 0
        ? piped
        : fromInput(command)
      : [step],
  );
  const installed = installCommand(words);
  return steps.map((step) => ({ kind: 'install', step, command: installed }));
}

function fromInput({ input }: ShellCommand): InstallStep[] {
  return input === undefined
    ? [{ kind: 'opaque', tool: 'the output of another command' }]
    : [{ kind: 'requirements-file', path: input, isInput: true }];
}

/** `xargs pip install < requirements.txt` */
function xargs(words: readonly string[], command: ShellCommand): ShellStep[] {
  if (!words.some((word) => /^(?:uv|pip[\d.]*)$/.test(word)) || !words.includes('install')) return [];
  const step: InstallStep =
    command.input === undefined
      ? { kind: 'opaque', tool: 'xargs' }
      : { kind: 'requirements-file', path: command.input, isInput: true };
  return [{ kind: 'install', step, command: installCommand(words) }];
}

function installCommand(words: readonly string[]): InstallCommand {
  return { upgrade: upgradeOf(words), isWithoutDependencies: words.includes('--no-deps') };
}

/** pip's and uv's options that take the newest version where an older one is there. */
function upgradeOf(words: readonly string[]): InstallCommand['upgrade'] {
  const has = (pattern: RegExp): boolean => words.some((word) => pattern.test(word));
  // One of pip's letters, as in `-qU`; uv's `-P` names a package.
  if (
    !has(/^(?:--upgrade|--upgrade-package(?:=.*)?|--force-reinstall|--ignore-installed|--reinstall|-P|-[a-zA-Z]*[UI])$/)
  )
    return undefined;
  return /--upgrade-strategy[= ]eager/.test(words.join(' ')) ? 'eager' : 'named';
}

const SHELLS = /^(?:ba|da|z|k|a)?sh$/;
/** Programs that run the rest of the line; those with options of their own name them. */
const WRAPPERS = new Set(['sudo', 'env', 'nice', 'nohup', 'xvfb-run', 'gosu', 'su-exec', 'chroot', 'eatmydata']);

interface Unwrapped {
  readonly words: readonly string[];
  readonly script?: string;
  /** `gosu app …`: not the user of the RUN. */
  readonly isOtherUser?: boolean;
}

/** The command that is run in the end: without `sudo`, variables before it, `conda run -n env`; or the script of `sh -c`. */
function unwrap(given: readonly string[]): Unwrapped {
  let words = given;
  let isOtherUser = false;
  for (;;) {
    const [first = '', second = ''] = words;
    const program = nameOf(first);
    if (/^[A-Za-z_]\w*=/.test(first)) words = words.slice(1);
    else if (SHELLS.test(program) && words.length > 2) {
      const option = words.findIndex((word, index) => index > 0 && /^-[a-z]*c$/.test(word));
      const script = option < 0 ? undefined : words[option + 1];
      return script === undefined ? { words } : { words, script };
    } else if (program === 'gosu' || program === 'su-exec') {
      words = words.slice(2);
      isOtherUser = true;
    } else if (WRAPPERS.has(program)) {
      const next = words.findIndex((word, index) => index > 0 && !word.startsWith('-'));
      if (next < 0) return { words };
      words = words.slice(next);
    } else if (/^(?:conda|mamba|micromamba)$/.test(program) && second === 'run') words = afterOptions(words.slice(2));
    else if (/^(?:poetry|pipenv|pdm)$/.test(program) && second === 'run') words = words.slice(2);
    else return { words: program === '' ? words : [program, ...words.slice(1)], isOtherUser };
    if (words.length === 0) return { words };
  }
}

/** Behind `-n env --no-capture-output`: every option of `conda run` that takes a value is among these. */
function afterOptions(words: readonly string[]): readonly string[] {
  let at = 0;
  while (words[at]?.startsWith('-') === true) at += /^(?:-n|--name|-p|--prefix|--cwd)$/.test(words[at] ?? '') ? 2 : 1;
  return words.slice(at);
}

function nameOf(program: string): string {
  return program.slice(program.lastIndexOf('/') + 1);
}

/** Anything may be installed by these; better no verdict than a wrong one. */
const SCRIPT = /^(?:make|just|task|invoke|inv|nox|tox|hatch|rye|ansible-playbook)$/;

function installsOf(words: readonly string[], second: string | undefined): InstallStep[] {
  const [program = '', first = ''] = words;
  if (/^(?:conda|mamba|micromamba)$/.test(program))
    return /^(?:env|install|create|update)$/.test(first) ? [{ kind: 'opaque', tool: 'conda' }] : [];
  if (program === 'pixi') return first === 'install' ? [{ kind: 'opaque', tool: 'pixi install' }] : [];
  if (program === 'pipenv') return /^(?:install|sync)$/.test(first) ? [{ kind: 'opaque', tool: 'pipenv install' }] : [];
  if (SCRIPT.test(program)) return [{ kind: 'opaque', tool: `${program} ${first}`.trim() }];
  if (program.endsWith('.sh') || (SHELLS.test(program) && first.endsWith('.sh')))
    return [{ kind: 'opaque', tool: `the script ${program.endsWith('.sh') ? program : first}` }];

  const locked = lockFileInstall(words);
  if (locked !== undefined) return [locked];
  if (/^python[\d.]*$/.test(program) && first === 'setup.py')
    return /^(?:install|develop)$/.test(second ?? '') ? [{ kind: 'project', path: '.', extras: [] }] : [];
  if (program === 'pip-sync') return requirementsFiles(words.slice(1));

  const pip = pipArguments(words);
  if (pip === undefined) return [];
  const [command = '', ...rest] = pip;
  if (command === 'sync') return requirementsFiles(rest);
  return command === 'install' || command === 'wheel' ? pipInstall(rest) : [];
}

/** What follows `pip`, however it is called and whatever options come before its command. */
function pipArguments(words: readonly string[]): readonly string[] | undefined {
  let rest: readonly string[] | undefined;
  if (/^pip[\d.]*$/.test(words[0] ?? '')) rest = words.slice(1);
  else if (/^python[\d.]*$/.test(words[0] ?? '')) {
    const module = words.indexOf('-m');
    const name = module < 0 ? undefined : words[module + 1];
    if (name === 'pip') rest = words.slice(module + 2);
    else if (name === 'uv') rest = behindUvPip(words.slice(module + 2));
  } else if (words[0] === 'uv') rest = behindUvPip(words.slice(1));
  const command =
    rest?.findIndex((word) => /^(?:install|sync|wheel|download|list|uninstall|compile)$/.test(word)) ?? -1;
  return command < 0 ? undefined : rest?.slice(command);
}

function behindUvPip(words: readonly string[]): readonly string[] | undefined {
  const at = words.findIndex((word) => !word.startsWith('-'));
  return words[at] === 'pip' ? words.slice(at + 1) : undefined;
}

function requirementsFiles(words: readonly string[]): InstallStep[] {
  const files = words.filter((word) => /\.(?:txt|in)$/.test(word));
  // pip-sync's own default.
  return (files.length === 0 ? ['requirements.txt'] : files).map((path) => ({ kind: 'requirements-file', path }));
}

/** pip's and uv's options that are followed by a value; without them the value would pass for a package. */
const OPTIONS_WITH_VALUE = new Set(
  (
    '-c --constraint --constraints -b --build -i --index-url --extra-index-url -f --find-links -t --target --prefix --root ' +
    '--src --python --python-version --python-platform --platform --abi --implementation --no-binary --only-binary ' +
    '--cache-dir --proxy --cert --client-cert --trusted-host --allow-insecure-host --timeout --retries --progress-bar ' +
    '--upgrade-strategy --upgrade-package -P --report --log --use-feature --config-settings -C --global-option --index ' +
    '--default-index --exclude-newer --index-strategy --keyring-provider --resolution --prerelease --link-mode ' +
    '--root-user-action --build-constraint --build-constraints --override --overrides --reinstall-package --refresh-package ' +
    '--no-build-isolation-package --torch-backend --group -p -w --wheel-dir --exists-action --extra --color --directory'
  ).split(' '),
);

function pipInstall(words: readonly string[]): InstallStep[] {
  const steps: InstallStep[] = [];
  const dependencies = !words.includes('--no-deps');
  for (let index = 0; index < words.length; index++) {
    const word = words[index] ?? '';
    const [, attached] = /^(?:--requirements?=|-r)(.+)$/.exec(word) ?? [];
    const [, editable] = /^(?:--editable=|-e)(.+)$/.exec(word) ?? [];
    if (attached !== undefined) steps.push({ kind: 'requirements-file', path: attached });
    else if (/^(?:-r|--requirements?)$/.test(word))
      steps.push({ kind: 'requirements-file', path: words[++index] ?? '' });
    else if (editable !== undefined) steps.push(argument(editable));
    else if (/^(?:-e|--editable)$/.test(word)) steps.push(argument(words[++index] ?? ''));
    else if (/^--group(?:=|$)/.test(word)) {
      if (word === '--group') index++;
      steps.push({ kind: 'opaque', tool: 'pip install --group' });
    } else if (OPTIONS_WITH_VALUE.has(word)) index++;
    else if (!word.startsWith('-')) steps.push(argument(word));
  }
  // The project without what it depends on installs nothing that a check asks about.
  return dependencies ? steps : steps.filter(({ kind }) => kind !== 'project' && kind !== 'wheels');
}

function argument(word: string): InstallStep {
  const [, path = word, extras = ''] = /^([^[\]]*)(?:\[([^\]]*)\])?$/s.exec(word) ?? [];
  // uv reads a file in this place as well.
  if (/(?:^|\/)(?:pyproject\.toml|setup\.py)$/.test(path)) return { kind: 'project', path: folderOf(path), extras: [] };
  // A path, as pip tells it apart: it has a separator or is a dot; an archive or URL is a requirement of its own.
  if (/^\.{1,2}$|^(?:\.{0,2}|~)\//.test(path) && !/\.(?:whl|zip|tar\.gz)$|[*?]/.test(path)) {
    return { kind: 'project', path, extras: extras.split(',').filter((extra) => extra !== '') };
  }
  if (WHEELS.test(word)) return { kind: 'wheels', path, extras: extras.split(',').filter((extra) => extra !== '') };
  return { kind: 'package', requirement: word };
}

/** A pattern, or the output of a command, where a name with a version that has a star is none: `kedro==1.*`. */
const WHEELS = /^[^=<>~!@;]*[*?]|\$\(.*\.whl|^\$$/s;

function folderOf(path: string): string {
  const slash = path.lastIndexOf('/');
  return slash < 0 ? '.' : path.slice(0, slash);
}

/** `uv export`, `poetry export`, `pdm export`, `pip-compile`: the same installation, as a requirements file. */
function exportedBy(
  words: readonly string[],
): { output: string | undefined; steps: readonly InstallStep[] } | undefined {
  const [program = '', first = ''] = words;
  const output = valueOf(words, ['-o', '--output', '--output-file']);
  if (first === 'export') {
    const step = lockFileInstall(words);
    return step === undefined ? undefined : { output, steps: [step] };
  }
  const compiled = program === 'pip-compile' ? words.slice(1) : program === 'uv' ? compileArguments(words) : undefined;
  if (compiled === undefined) return undefined;
  const inputs = compiled.filter(
    (word, index) => /\.in$|\.txt$/.test(word) && !(compiled[index - 1] ?? '').startsWith('-'),
  );
  const files = inputs.length > 0 || compiled.some((word) => word.endsWith('.toml')) ? inputs : ['requirements.in'];
  const steps: InstallStep[] = files.map((path) => ({ kind: 'requirements-file', path }));
  for (const path of compiled.filter((word) => word.endsWith('pyproject.toml')))
    steps.push({ kind: 'project', path: folderOf(path), extras: [] });
  const implied = program === 'pip-compile' ? files[0]?.replace(/\.in$/, '.txt') : undefined;
  return { output: output ?? implied, steps };
}

function compileArguments(words: readonly string[]): readonly string[] | undefined {
  const at = words.indexOf('compile');
  return at > 0 && words[at - 1] === 'pip' ? words.slice(at + 1) : undefined;
}

function valueOf(words: readonly string[], names: readonly string[]): string | undefined {
  for (const [index, word] of words.entries()) {
    const [name = '', value] = word.split(/=(.*)/s);
    if (names.includes(name)) return value ?? words[index + 1];
  }
  return undefined;
}
