/**
 * The folder of which a command builds a wheel or an archive: `python -m build`, `uv build`, `pip wheel .`; as the
 * command gives it, `.` without an argument. `undefined` for another command.
 */
export function builtPackage(words: readonly string[]): string | undefined {
  const [program = '', second = ''] = words;
  const module = /^python[\d.]*$/.test(program) && second === '-m' ? words[2] : undefined;
  if (module === 'build') return folderIn(words.slice(3));
  if (program === 'pyproject-build') return folderIn(words.slice(1));
  const name = module ?? program;
  const rest = module === undefined ? words.slice(1) : words.slice(3);
  const [command = ''] = rest.filter((word) => !word.startsWith('-'));
  if (name === 'uv' && command === 'build') return folderIn(behind(rest, 'build'));
  if (/^(?:poetry|hatch|pdm|flit)$/.test(name) && command === 'build') return '.';
  if (name === 'kedro' && command === 'package') return '.';
  if (/^pip[\d.]*$/.test(name) && command === 'wheel') {
    const wheel = behind(rest, 'wheel');
    return wheel.find(
      (word, index) =>
        /^\.{1,2}$|^(?:\.{0,2}|~)\//.test(word) && !/^(?:-w|--wheel-dir|-f|-c|-r)$/.test(wheel[index - 1] ?? ''),
    );
  }
  return /^python[\d.]*$/.test(program) && second === 'setup.py' && /\b[sb]dist(?:_wheel)?\b/.test(words.join(' '))
    ? '.'
    : undefined;
}

const OPTIONS_WITH_VALUE = new Set(
  '-o --outdir --out-dir --installer -C --config-setting --package -p --python --index-url --directory'.split(' '),
);

function folderIn(words: readonly string[]): string {
  return words.find((word, index) => !word.startsWith('-') && !OPTIONS_WITH_VALUE.has(words[index - 1] ?? '')) ?? '.';
}

function behind(words: readonly string[], word: string): readonly string[] {
  return words.slice(words.indexOf(word) + 1);
}
