/** What a command changes about who can use what in the image; paths are as the command gives them. */
export type AccessStep =
  /** Packages go to a folder of their own: a virtual environment, `pip install --target`. */
  | {
      readonly kind: 'place-packages';
      readonly how: PackagePlace;
      readonly path: string;
      /** A variable that must be set to yes. */
      readonly onlyWith?: string;
    }
  /** `chmod` or `chown`. */
  | {
      readonly kind: 'open-paths';
      readonly paths: readonly string[];
      readonly isRecursive: boolean;
      readonly to: Access;
    }
  /** `useradd`, `adduser`; the values as written. */
  | {
      readonly kind: 'make-user';
      readonly name: string;
      readonly uid: string | undefined;
      readonly mayBeInRootGroup: boolean;
    }
  /** `groupadd -g 20 app` */
  | { readonly kind: 'make-group'; readonly name: string; readonly gid: string };

export type PackagePlace = 'pip install --user' | 'virtual environment' | 'packages';

/** Whom a path is opened to; the new owner is as written. */
export type Access =
  { readonly kind: 'everybody' | 'group' | 'another group' } | { readonly kind: 'owner'; readonly name: string };

/** Where `pip install --user` puts packages, unless PYTHONUSERBASE says otherwise. */
export const USER_BASE = '~/.local';
/** Where Poetry makes virtual environments, unless it is configured otherwise. */
export const POETRY_ENVIRONMENTS = '~/.cache/pypoetry/virtualenvs';

export function accessSteps(words: readonly string[]): AccessStep[] {
  const [program = ''] = words;
  switch (program) {
    case 'chmod':
    case 'chown':
    case 'chgrp':
    case 'setfacl':
      return opened(program, words.slice(1));
    case 'find':
      return openedByFind(words);
    case 'useradd':
    case 'adduser':
      return madeUser(words);
    case 'groupadd':
    case 'addgroup':
      return madeGroup(words);
    default:
      return placedPackages(words);
  }
}

function opened(program: string, words: readonly string[]): AccessStep[] {
  const isRecursive = words.some((word) => /^(?:-[a-zA-Z]*R[a-zA-Z]*|--recursive)$/.test(word));
  // A mode such as `-w` takes something away, so nothing is lost with the options.
  const [what = '', ...rest] = words.filter((word) => !word.startsWith('-'));
  const open = (to: Access, paths: readonly string[] = rest): AccessStep => ({
    kind: 'open-paths',
    paths,
    isRecursive,
    to,
  });
  if (program === 'setfacl' || words.some((word) => word.startsWith('--reference')))
    return [open({ kind: 'everybody' }, [what, ...rest])];
  if (program === 'chgrp') return [open({ kind: 'another group' })];
  if (program === 'chmod') {
    if (letsIn(what, 'o')) return [open({ kind: 'everybody' })];
    return letsIn(what, 'g') ? [open({ kind: 'group' })] : [];
  }
  const [owner = '', group] = what.split(/[:.]/);
  return [
    ...(owner === '' ? [] : [open({ kind: 'owner', name: owner })]),
    ...(group === undefined ? [] : [open({ kind: 'another group' })]),
  ];
}

/** Whether a mode lets others, or the group, into a folder; one that is a variable may. */
function letsIn(mode: string, whom: 'g' | 'o'): boolean {
  if (mode.includes('$')) return true;
  if (/^[0-7]+$/.test(mode)) return /[1357]/.test(mode.padStart(3, '0').at(whom === 'g' ? -2 : -1) ?? '');
  return mode.split(',').some((clause) => {
    const [, who = '', permissions = ''] = /^([ugoa]*)[+=](.*)$/.exec(clause) ?? [];
    return (who === '' || who.includes('a') || who.includes(whom)) && /[xX]|^[ug]$/.test(permissions);
  });
}

/** `find /root -type d -exec chmod 755 {} +` changes the folder itself as well. */
function openedByFind(words: readonly string[]): AccessStep[] {
  const at = words.findIndex((word) => /^(?:-exec|-execdir|-ok)$/.test(word));
  const program = words[at + 1] ?? '';
  if (at < 0 || !/^(?:chmod|chown|chgrp)$/.test(program) || words.join(' ').includes('-type f')) return [];
  const paths = words.slice(1, at).filter((word) => !word.startsWith('-') && word.includes('/'));
  return opened(program, [...words.slice(at + 2).filter((word) => word !== '+'), '-R', ...paths]);
}

/** Options of useradd (shadow) and adduser (Debian's and BusyBox's) with a value. */
const USER_OPTIONS = new Set(
  (
    '-b --base-dir -c --comment -d --home-dir -e --expiredate -f --inactive -g --gid -G --groups -k --skel -K --key ' +
    '-p --password -R --root -P --prefix -s --shell -u --uid -Z --selinux-user --home --ingroup --gecos --conf ' +
    '--firstuid --lastuid'
  ).split(' '),
);

function madeUser(words: readonly string[]): AccessStep[] {
  // `-o` allows a second user of the same ID, and Debian's `adduser --system` one of the same name.
  if (words.some((word) => /^(?:-[a-zA-Z]*o|--non-unique)$/.test(word))) return [];
  if (words[0] === 'adduser' && words.includes('--system')) return [];
  const isBusyBox = words[0] === 'adduser' && words.some((word) => /^-[a-zA-Z]+$/.test(word));
  const options = isBusyBox ? new Set([...USER_OPTIONS, '-h']) : USER_OPTIONS;
  // `-mu 1000`: the last letter of several has the value.
  const separate = words.slice(1).flatMap((word) => {
    const [, before, option] = /^-([a-zA-Z]+)([a-zA-Z])$/.exec(word) ?? [];
    return before === undefined ? [word] : [`-${before}`, `-${option ?? ''}`];
  });
  // `adduser USER GROUP` adds to a group.
  const [name, ...more] = positional(separate, options);
  if (name === undefined || more.length > 0) return [];
  const attached = words.map((word) => /^-u(\S+)$/.exec(word)?.[1]).find((value) => value !== undefined);
  const groups = ['-g', '--gid', '-G', '--groups', '--ingroup'].map((option) => optionValue(separate, [option]) ?? '');
  return [
    {
      kind: 'make-user',
      name,
      uid: optionValue(separate, ['-u', '--uid']) ?? attached,
      mayBeInRootGroup: groups.some((group) => /\$|^(?:.*,)?(?:0|root)(?:,|$)/.test(group)),
    },
  ];
}

function madeGroup(words: readonly string[]): AccessStep[] {
  // `-f` takes another ID where this one is taken.
  if (words.some((word) => /^(?:-[a-zA-Z]*[fo][a-zA-Z]*|--force|--non-unique)$/.test(word))) return [];
  const name = words.findLast((word) => !word.startsWith('-')) ?? '';
  const gid = optionValue(words, ['-g', '--gid']);
  return gid === undefined ? [] : [{ kind: 'make-group', name, gid }];
}

/** Options of venv, virtualenv and `uv venv` with a value. */
const ENVIRONMENT_OPTIONS = new Set(
  '-p --python --prompt --app-data --seeder --pip --setuptools --cache-dir --index-url --link-mode'.split(' '),
);

function placedPackages(words: readonly string[]): AccessStep[] {
  const [program = '', second = ''] = words;
  const module = /^python[\d.]*$/.test(program) ? words[words.indexOf('-m') + 1] : undefined;
  if (/^pip[\d.]*$/.test(program) || module === 'pip' || (program === 'uv' && second === 'pip')) {
    if (!words.includes('install') && !words.includes('sync')) return [];
    if (words.includes('--user')) return [{ kind: 'place-packages', how: 'pip install --user', path: USER_BASE }];
    const target = optionValue(words, ['-t', '--target', '--prefix']);
    if (target !== undefined) return at(target, 'packages');
    // uv does not read pip's variables.
    if (program === 'uv') return [];
    return [
      { kind: 'place-packages', how: 'pip install --user', path: USER_BASE, onlyWith: 'PIP_USER' },
      ...['$PIP_TARGET', '$PIP_PREFIX'].flatMap((path) => at(path, 'packages')),
    ];
  }
  if (program === 'uv' && second === 'sync') return at('$UV_PROJECT_ENVIRONMENT', 'virtual environment');
  if (program === 'poetry' && /^(?:install|sync)$/.test(second)) return at(POETRY_ENVIRONMENTS, 'virtual environment');
  if (/^(?:conda|mamba|micromamba)$/.test(program))
    return words.includes('create') ? at(optionValue(words, ['-p', '--prefix']), 'virtual environment') : [];
  const rest =
    module === 'venv' || module === 'virtualenv'
      ? words.slice(words.indexOf('-m') + 2)
      : program === 'virtualenv'
        ? words.slice(1)
        : program === 'uv' && second === 'venv'
          ? words.slice(2)
          : undefined;
  if (rest === undefined) return [];
  return at(positional(rest, ENVIRONMENT_OPTIONS)[0] ?? '.venv', 'virtual environment');
}

/** The words that are no options and no values of options. */
function positional(words: readonly string[], optionsWithValue: ReadonlySet<string>): string[] {
  return words.filter((word, index) => !word.startsWith('-') && !optionsWithValue.has(words[index - 1] ?? ''));
}

function at(path: string | undefined, how: PackagePlace): AccessStep[] {
  return path === undefined ? [] : [{ kind: 'place-packages', how, path }];
}

function optionValue(words: readonly string[], names: readonly string[]): string | undefined {
  for (const [index, word] of words.entries()) {
    const [name = '', value] = word.split(/=(.*)/s);
    if (names.includes(name)) return value ?? words[index + 1];
  }
  return undefined;
}
