/**
 * What only POSIX systems have, or Windows has in another way: where src/ uses it, somebody has thought of Windows. Each kind has its
 * reason and the files in which it is right; test/unit/docs/portable.test.ts keeps the lists free of files that no longer use it.
 */

/** Paths in these are of a project or an image, not of this machine: always with forward slashes. */
const OF_IMAGES = ['airflow', 'bake', 'checks', 'graph', 'image', 'inspect', 'project/dockerfile', 'project/python'];
/** These write about images as well, beside files of this machine. */
const ABOUT_IMAGES = [...OF_IMAGES, 'builders/layers'];

const inFolder = (folders) => new RegExp(`^src/(?:${folders.join('|')})/`);

export const KINDS = [
  {
    what: 'users',
    reason: 'Windows has no numbers of users and groups: the call is not there, or says nothing',
    selector:
      'MemberExpression[object.name="process"][property.name=/^(?:[gs]ete?[ug]id|[gs]etgroups|initgroups|umask)$/]',
    sample: 'process.getuid?.();',
    handled: [
      'src/guarded-folder.ts', // only root gives files away
      'src/places/registry/credentials/lookup.ts', // of Linux: Podman's file
      'src/project/dockerfile/image-owner.ts', // 0 without a number, as kedro-docker has it
    ],
  },
  {
    what: 'modes',
    reason: 'Windows keeps one bit of a mode, that a file is read-only',
    selector:
      'CallExpression[callee.name=/^[lf]?ch(?:mod|own)$/], CallExpression[callee.property.name=/^[lf]?ch(?:mod|own)$/]',
    sample: 'await chmod(file, 0o755);',
    handled: [
      'src/guarded-folder.ts', // a hook's mode: git for Windows starts it without
      'src/builders/layers/self-test/scratch-folder.ts', // not on Windows
      'src/run/data-folder.ts', // Windows returns before
    ],
  },
  {
    what: 'the right to execute',
    reason: 'on Windows every file has the mode 666: what depends on it has to know',
    selector: 'BinaryExpression[operator="&"][left.property.name="mode"][right.raw=/^0o/]',
    sample: 'const isProgram = (stat.mode & 0o100) !== 0;',
    handled: [
      'src/guarded-folder.ts', // keeps what is there
      'src/hook/install/hook-file.ts', // doctor/hook-probe.ts does not ask on Windows
      'src/run/data-folder.ts', // only on Linux
      'src/builders/layers/wheels/project-files.ts', // a copy on this machine, which Windows gives no modes either
    ],
    elsewhere: inFolder(['bake', 'image', 'inspect', 'builders/layers/base', 'builders/layers/pack', 'places']),
  },
  {
    what: 'signals',
    reason: 'Windows ends a process at once, whatever the signal, and has no groups of processes',
    selector:
      'CallExpression[callee.object.name="process"][callee.property.name="kill"], Literal[value=/^SIG(?!INT$|TERM$|KILL$)[A-Z0-9]{3,6}$/], Property[key.name="detached"]',
    sample: "process.once('SIGHUP', stop);",
    handled: [
      'src/builders/kedro/child-process.ts', // a group only where there are some
      'src/builders/layers/wheels/bytecode.ts', // the same
      'src/places/engine/leftovers.ts', // signal 0 asks on Windows as well
    ],
  },
  {
    what: 'making links',
    reason: 'on Windows only administrators and developers may make symbolic links',
    selector: 'CallExpression[callee.name=/^symlink(?:Sync)?$/]',
    sample: 'await symlink(target, place);',
    handled: [
      'src/guarded-folder.ts', // only for what is a link already
      'src/builders/layers/self-test/scratch-folder.ts', // not on Windows
    ],
  },
  {
    what: 'places of POSIX systems',
    reason: 'there is no such place on Windows: use os.tmpdir(), os.homedir(), or say what is done without it',
    selector: [
      'Literal[value=/^\\u002F(?:bin|dev|etc|home|opt|proc|root|run|tmp|usr|var)(?:\\u002F|$)/]',
      'TemplateElement[value.raw=/^\\u002F(?:bin|dev|etc|home|opt|proc|root|run|tmp|usr|var)(?:\\u002F|$)/]',
    ].join(', '),
    sample: "await mkdir('/tmp/kdeploy');",
    handled: [
      'src/commands/run.ts', // read as empty where it is not there
      'src/config/settings/schema.ts', // an example of a path in a container
      'src/guarded-folder.ts', // compared with the open folder, so not used where it is something else
      'src/login-shell.ts', // not for Windows
      'src/network/authorities.ts', // the folder that Docker documents for Linux
      'src/places/engine/address.ts', // of a unix: address
      'src/places/engine/connection.ts', // Windows has its pipe
      'src/places/engine/intermediate.ts', // of Linux; without it, leftovers are told apart by less
      'src/places/registry/credentials/auth-files.ts', // of Linux
      'src/project/kedro/kedro-python.ts', // Debian's folders, where the prefix is /usr
      'src/run/run-image.ts', // files in a container
      'src/ui/diff-text.ts', // how a diff says "no file", everywhere
    ],
    elsewhere: inFolder(ABOUT_IMAGES),
  },
  {
    what: 'HOME',
    reason: 'Windows has USERPROFILE: use os.homedir()',
    selector: 'MemberExpression[property.name="HOME"], Property[key.name="HOME"]',
    sample: 'const folder = environment.HOME;',
    handled: [
      'src/home-folder.ts', // not for Windows
      'src/builders/layers/resolve/pip-configuration.ts', // as pip has it, on each system
      'src/builders/layers/resolve/poetry-credentials.ts', // the same for Poetry
      'src/builders/layers/resolve/uv-settings.ts', // and uv
      'src/builders/layers/self-test/scratch-variables.ts', // of a container
      'src/places/registry/credentials/google-file.ts', // gcloud's own order, homedir() after it
      'src/project/kedro/kedro-docker-template.ts', // Debian's `pip --user`; nothing is looked for without it
    ],
    elsewhere: inFolder(['project/dockerfile']),
  },
  {
    what: 'lists of folders',
    reason: 'Windows separates the folders of PATH by semicolons, and has colons in them: use path.delimiter',
    selector:
      'CallExpression[callee.property.name="split"][arguments.0.value=":"]:has(Identifier[name=/(?:PATH|DIRS)$/])',
    sample: "const folders = PATH.split(':');",
    handled: [
      'src/builders/layers/resolve/uv-settings.ts', // XDG_CONFIG_DIRS, not on Windows
    ],
    elsewhere: inFolder(ABOUT_IMAGES),
  },
  {
    what: 'starting a program by its name',
    reason: 'Windows would start one in the current folder first: find-program.ts, programToStart',
    selector:
      'CallExpression[callee.name=/^(?:execa|spawn|execFile|runChildProcess)$/][arguments.0.type=/^(?:Literal|TemplateLiteral)$/]',
    sample: "spawn('git', []);",
    handled: [],
  },
  {
    what: 'shells',
    reason: 'each system has a shell of its own, which quotes in its own way: start the program itself',
    selector: 'Property[key.name="shell"][value.value=true], CallExpression[callee.name=/^exec(?:Sync)?$/]',
    sample: 'spawn(program, [], { shell: true });',
    handled: [],
  },
  {
    what: "this machine's paths",
    reason: 'the paths of projects and images have forward slashes on every system: import { posix }',
    selector: 'ImportDeclaration[source.value=/^(?:node:)?path$/]:not(:has(ImportSpecifier[imported.name="posix"]))',
    only: inFolder(OF_IMAGES),
    sample: "import path from 'node:path';",
    handled: [
      'src/bake/runtime-package.ts', // reads its own files
      'src/project/dockerfile/context-files.ts', // reads the project's folder
      'src/project/python/uv-workspace.ts', // looks above the project
    ],
  },
];

const FILE = /(?:^|[\\/])(src[\\/].*)$/;

const rule = {
  meta: { type: 'problem', schema: [], docs: { description: 'what Windows has in another way is used knowingly' } },
  create(context) {
    const file = (FILE.exec(context.filename)?.[1] ?? '').replaceAll('\\', '/');
    const kinds = KINDS.filter(
      ({ handled, elsewhere, only }) =>
        !handled.includes(file) && elsewhere?.test(file) !== true && only?.test(file) !== false,
    );
    return Object.fromEntries(
      kinds.map(({ what, reason, selector }) => [
        selector,
        (node) => context.report({ node, message: `${what}: ${reason} (eslint.portable.js)` }),
      ]),
    );
  },
};

export const portableRules = {
  files: ['src/**/*.ts'],
  plugins: { portable: { rules: { uses: rule } } },
  rules: { 'portable/uses': 'error' },
};
