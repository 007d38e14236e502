import fc from 'fast-check';

const NAME = fc.oneof(
  fc.constantFrom('kedro', 'kedro-mlflow', 'Kedro_MLflow', 'kedro.datasets', 'a', 'x1', 'zope.interface', 'A--b'),
  // No underscore at the end, of which the two pips think differently.
  fc.stringMatching(/^[A-Za-z0-9]([A-Za-z0-9._-]{0,5}[A-Za-z0-9.-])?$/),
);
const SPACE = fc.constantFrom('', '', '', ' ', '  ', '\t');
const VERSION = fc.oneof(
  fc.constantFrom(
    '1',
    '1.0',
    '0.18.14',
    '2.0.0rc1',
    '1!2.0',
    '1.0.post1',
    '1.0.dev2',
    '1.0+cpu',
    '1.*',
    '1.0.*',
    'v2',
    '2.0-1',
  ),
  fc.stringMatching(/^[0-9]{1,2}(\.[0-9]{1,2}){0,3}((a|b|rc|\.post|\.dev|-|_|c)[0-9]?)?(\+[a-z0-9.]{1,3})?(\.\*)?$/),
);
const COMPARISON = fc.constantFrom('==', '>=', '<=', '<', '>', '!=', '~=', '===', '=', '=>');
const CLAUSE = fc.tuple(COMPARISON, SPACE, VERSION).map((parts) => parts.join(''));
const CLAUSES = fc
  .array(CLAUSE, { maxLength: 3 })
  .chain((clauses) => SPACE.map((space) => clauses.join(`${space},${space}`)));
const EXTRAS = fc.oneof(
  { weight: 3, arbitrary: fc.constant('') },
  fc.array(NAME, { maxLength: 3 }).chain((extras) => SPACE.map((space) => `[${extras.join(`${space},${space}`)}]`)),
);

const VARIABLE = fc.constantFrom(
  'python_version',
  'python_full_version',
  'os_name',
  'sys_platform',
  'platform_machine',
  'platform_system',
  'platform_python_implementation',
  'implementation_name',
  'implementation_version',
  'os.name',
  'sys.platform',
  'python_implementation',
);
const TEXT = fc
  .oneof(
    fc.constantFrom('3.9', '3.10', '3.11', '3.11.7', '3.13', '3', '3.*', '3.9.*', '3.8 3.9', '2.7', '3.12.0rc1'),
    fc.constantFrom(
      'linux',
      'win32',
      'darwin',
      'posix',
      'nt',
      'x86_64',
      'aarch64',
      'CPython',
      'cpython',
      'PyPy',
      '',
      'lin',
    ),
  )
  .chain((text) => fc.constantFrom(`"${text}"`, `'${text}'`));
const OPERATOR = fc.constantFrom('==', '!=', '<', '>', '<=', '>=', '~=', '===', ' in ', ' not in ');

/** Markers as PEP 508 has them, nested, of sense and of nonsense. */
export const MARKER: fc.Arbitrary<string> = fc.letrec<{ marker: string; atom: string }>((tie) => ({
  marker: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    tie('atom'),
    fc.tuple(tie('marker'), fc.constantFrom(' and ', ' or '), tie('marker')).map((parts) => parts.join('')),
    fc.tuple(SPACE, tie('marker'), SPACE).map(([before, marker, behind]) => `(${before}${marker}${behind})`),
  ),
  atom: fc.oneof(
    { weight: 4, arbitrary: fc.tuple(VARIABLE, OPERATOR, TEXT).map(([a, operator, b]) => `${a} ${operator} ${b}`) },
    { weight: 1, arbitrary: fc.tuple(TEXT, OPERATOR, VARIABLE).map(([a, operator, b]) => `${a}${operator}${b}`) },
    { weight: 1, arbitrary: fc.constantFrom('extra == "x"', 'extra != "X_y"', '"x" == extra') },
  ),
})).marker;

const REQUIREMENT = fc
  .tuple(NAME, SPACE, EXTRAS, SPACE, CLAUSES, fc.option(fc.tuple(SPACE, SPACE, MARKER), { nil: undefined, freq: 2 }))
  .map(([name, a, extras, b, clauses, marker]) => {
    return `${name}${a}${extras}${b}${clauses}${marker === undefined ? '' : `${marker[0]};${marker[1]}${marker[2]}`}`;
  });

const PLACE = fc.constantFrom(
  'git+https://example.com/a.git#egg=kedro',
  'git+https://example.com/a.git@v1',
  'https://example.com/kedro-1.0-py3-none-any.whl',
  'https://example.com/kedro-1.0.tar.gz#egg=kedro',
  'kedro @ git+https://example.com/a.git@v1',
  'kedro[x] @ https://example.com/kedro.zip ; python_version < "3.10"',
  './kedro-1.0-py3-none-any.whl',
  '-e git+https://example.com/a.git#egg=kedro',
  '-e .',
  '.[x,y]',
);
const OPTION = fc.constantFrom(
  '--index-url https://example.com/simple',
  '-i https://example.com',
  '--pre',
  '--no-binary=:all:',
  '-f wheels',
  '--trusted-host example.com --pre',
  '--extra-index-url "https://example.com/a b"',
  '--no-such-option',
  '--hash sha256:aa',
);
const INCLUDE = fc.constantFrom(
  '-r a.txt',
  '-rb.txt',
  '--requirement=a.txt',
  '-c b.txt',
  '-r missing.txt',
  '--constraint a.txt',
);
const TAIL = fc.oneof(
  { weight: 6, arbitrary: fc.constant('') },
  fc.constantFrom(
    ' # comment',
    '#fragment',
    ' --hash=sha256:aa',
    ' \\\n  --hash=sha256:aa',
    ' --config-settings=a=b',
    ' \\',
    '\\',
  ),
);
const LINE = fc.oneof(
  { weight: 8, arbitrary: fc.tuple(REQUIREMENT, TAIL).map((parts) => parts.join('')) },
  { weight: 2, arbitrary: fc.tuple(PLACE, TAIL).map((parts) => parts.join('')) },
  { weight: 1, arbitrary: OPTION },
  { weight: 1, arbitrary: INCLUDE },
  { weight: 1, arbitrary: fc.constantFrom('', '   ', '# comment', '  # comment \\') },
);
const LINE_END = fc.oneof(
  { weight: 12, arbitrary: fc.constant('\n') },
  fc.constantFrom('\r\n', '\r', '\f', '\v', '\x85', '\u2028'),
);

/** Half of them with a character lost, doubled or put in, as happens while typing. */
const FILE = fc
  .tuple(
    fc.array(fc.tuple(LINE, LINE_END), { maxLength: 6 }).map((lines) => lines.flat().join('')),
    fc.option(
      fc.tuple(
        fc.nat(),
        fc.constantFrom('', '"', "'", '(', ')', '[', ';', ',', '#', '\\', ' ', '-', '=', '@', '\0', 'é'),
      ),
    ),
  )
  .map(([text, slip]) => {
    if (slip === null || text === '') return text;
    const at = slip[0] % text.length;
    return text.slice(0, at) + slip[1] + text.slice(slip[1] === '' ? at + 1 : at);
  });

/** requirements.txt with two files that it may include. */
export const PROJECT: fc.Arbitrary<Readonly<Record<'requirements.txt' | 'a.txt' | 'b.txt', string>>> = fc.record({
  'requirements.txt': FILE,
  'a.txt': FILE,
  'b.txt': FILE,
});
