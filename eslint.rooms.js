/**
 * The rooms of src/ and what each may import: the arrows of the house (docs/architecture.md). What is not listed is
 * refused by lint; a test keeps the list complete and free of circles. Files at the top of src/ are open to all.
 */
export const ROOMS = {
  // Pure values, or the project's files through its source.
  secrets: [],
  image: ['secrets'],
  project: ['secrets'],
  graph: [],
  'supply-chain': ['image'],
  // The outside: engines, registries, git, MLflow.
  network: ['secrets'],
  'places/engine': ['image'],
  'places/layout': ['image'],
  'places/registry': ['image', 'network', 'secrets'],
  locate: ['image', 'places/engine', 'places/layout', 'places/registry'],
  git: ['project'],
  authentication: ['network', 'places/registry', 'secrets'],
  mlflow: ['authentication', 'network', 'project', 'secrets'],
  config: ['authentication', 'git', 'graph', 'image', 'places/registry', 'project', 'secrets'],
  // Use cases.
  // What is baked, to say before the build what the bake would refuse.
  checks: ['airflow', 'authentication', 'bake', 'config', 'graph', 'image', 'inspect', 'mlflow', 'project', 'secrets'],
  fix: ['checks', 'config', 'project'],
  bake: ['authentication', 'config', 'image', 'places/engine', 'project'],
  cache: [],
  builders: [
    'bake',
    'cache',
    'checks',
    'config',
    'git',
    'image',
    'locate',
    'network',
    'places/engine',
    'places/layout',
    'places/registry',
    'project',
    'promote',
    'publish',
    'secrets',
    'supply-chain',
  ],
  publish: ['image', 'places/engine', 'places/registry', 'project', 'scan'],
  promote: ['image', 'places/registry', 'publish', 'scan'],
  rebake: [
    'bake',
    'builders',
    'checks',
    'config',
    'image',
    'locate',
    'places/engine',
    'places/layout',
    'promote',
    'publish',
  ],
  run: ['image', 'places/engine', 'project', 'secrets'],
  inspect: ['graph', 'image', 'locate', 'places/engine', 'places/registry', 'project', 'secrets', 'supply-chain'],
  airflow: ['authentication', 'config', 'graph', 'image'],
  scan: ['image', 'locate', 'places/engine', 'secrets'],
  doctor: [
    'authentication',
    'builders',
    'checks',
    'config',
    'hook',
    'image',
    'mlflow',
    'places/engine',
    'places/registry',
    'project',
    'secrets',
  ],
  hook: ['checks', 'config', 'git', 'project'],
  // What a person sees.
  ui: [
    'airflow',
    'cache',
    'checks',
    'config',
    'fix',
    'graph',
    'hook',
    'image',
    'inspect',
    'project',
    'scan',
    'secrets',
  ],
  completion: [],
  hooks: ['config', 'ui'],
  commands: [
    'airflow',
    'authentication',
    'bake',
    'builders',
    'cache',
    'checks',
    'completion',
    'config',
    'doctor',
    'fix',
    'git',
    'graph',
    'hook',
    'image',
    'inspect',
    'locate',
    'mlflow',
    'places/engine',
    'places/registry',
    'project',
    'promote',
    'publish',
    'rebake',
    'run',
    'scan',
    'supply-chain',
    'ui',
  ],
};

/** What is printed passes through one file, which takes secrets and escape sequences out of it. */
const PRINTING = {
  selector:
    'CallExpression[callee.property.name="write"][callee.object.property.name=/^std(?:out|err)$/][callee.object.object.name="process"]',
  message: 'print with src/ui/output.ts',
};

/**
 * Who writes files: the guarded folder, below which no link leads out; an export into a temporary folder of its own; and the
 * cache, with what is unpacked into a folder that it lends.
 */
const WRITERS = [
  'src/guarded-folder.ts',
  'src/hook/push/exported-project.ts',
  'src/cache/file-cache.ts',
  'src/builders/layers/self-test/scratch-folder.ts',
];

const WRITING = {
  message: 'files are written through src/guarded-file.ts, which no link leads out of a project (eslint.rooms.js)',
  modules: ['fs', 'node:fs', 'fs/promises', 'node:fs/promises'],
  names: ['appendFile', 'copyFile', 'cp', 'createWriteStream', 'link', 'mkdir', 'mkdtemp', 'rename', 'rm', 'rmdir']
    .concat(['symlink', 'truncate', 'unlink', 'writeFile'])
    .flatMap((name) => [name, `${name}Sync`]),
};

/**
 * What becomes a layer is compressed by a deflate of our own (builders/layers/pack/deflate.ts): what zlib makes of the same bytes
 * differs between versions of Node, processors and distributions (nodejs/node#33610), and with it the digests of layers
 * that teams share. Inflating is the same everywhere. Nothing else in src/ has a reason to compress either.
 */
const COMPRESSORS = {
  message: 'zlib compresses differently from machine to machine: src/builders/layers/pack/deflate.ts (eslint.rooms.js)',
  modules: ['zlib', 'node:zlib'],
  names: ['Deflate', 'DeflateRaw', 'Gzip', 'BrotliCompress', 'ZstdCompress'].flatMap((name) => {
    const method = name[0].toLowerCase() + name.slice(1);
    return [name, `create${name}`, method, `${method}Sync`];
  }),
};
const compressorPaths = COMPRESSORS.modules.map((name) => ({
  ...{ name, importNames: COMPRESSORS.names, message: COMPRESSORS.message },
}));
/** However the module was come by; `gzip` and `deflate` alone may be names of something else. */
const compressorSyntax = {
  selector: `Identifier[name=/^(${COMPRESSORS.names.filter((name) => /^create|Sync$/.test(name)).join('|')})$/]`,
  message: COMPRESSORS.message,
};

const [paths, syntax] = [
  [
    ...WRITING.modules.map((name) => ({ name, importNames: WRITING.names, message: WRITING.message })),
    ...compressorPaths,
  ],
  [
    `CallExpression[callee.name=/^open(Sync)?$/][arguments.1.value=/[wa+]/]`,
    `CallExpression[callee.property.name=/^(${WRITING.names.join('|')})$/][callee.object.name=/^(fs|fsp|promises)$/]`,
  ]
    .map((selector) => ({ selector, message: WRITING.message }))
    .concat(compressorSyntax),
];

/** Nobody else writes: for all of src/, which the blocks of the rooms below repeat because they replace it. */
export const writingRules = {
  files: ['src/**/*.ts'],
  ignores: WRITERS,
  rules: { 'no-restricted-imports': ['error', { paths }], 'no-restricted-syntax': ['error', ...syntax] },
};

/** What an import of another room is called: a room in the same folder needs no more than its own name. */
const namesIn = (room, other) => {
  const [[folder], [otherFolder, name]] = [room.split('/'), other.split('/')];
  const way = other.replaceAll('/', String.raw`\/`);
  return name !== undefined && folder === otherFolder ? [way, name] : [way];
};

/** One block of ESLint's configuration for each room, and for the writers in it. */
export const roomRules = Object.entries(ROOMS).flatMap(([room, allowed]) => {
  const refused = Object.keys(ROOMS).filter((other) => other !== room && !allowed.includes(other));
  const message = `${room}/ may import ${allowed.length === 0 ? 'no other room' : allowed.join(', ')} (eslint.rooms.js)`;
  const regex = String.raw`^(\.\.\/)+(${refused.flatMap((other) => namesIn(room, other)).join('|')})\/`;
  // The rule for imports does not look at `import('…')`.
  const late = { selector: `ImportExpression[source.value=/${regex}/]`, message };
  const block = (files, restrictedPaths, restrictedSyntax) => ({
    files,
    rules: {
      'no-restricted-imports': ['error', { paths: restrictedPaths, patterns: [{ regex, message }] }],
      'no-restricted-syntax': ['error', late, PRINTING, ...restrictedSyntax],
      'no-console': 'error',
    },
  });
  const writers = WRITERS.filter((file) => file.startsWith(`src/${room}/`));
  return [
    block([`src/${room}/**/*.ts`], paths, syntax),
    ...(writers.length === 0 ? [] : [block(writers, compressorPaths, [compressorSyntax])]),
  ];
});
