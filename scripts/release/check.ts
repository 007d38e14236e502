/**
 * Proves that a commit can be released, and writes what would be published, the bills of materials and the checksums into
 * dist-release/: `npm run release:check`. Exits with 1 where it cannot be; publishes nothing. Needs uv.
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cp, mkdir, mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { IS_PUBLISHED } from '../../src/config/init/ci/installation.js';
import { billOfMaterials, bundledPackages, packagesInWheel } from './bundled-packages.js';
import { contentsOf, contentsProblems } from './contents.js';
import { askNpm, askPypi, judgeName } from './names.js';
import { checkOut, pack } from './pack.js';
import { npmProblems, pipProblems } from './smoke.js';
import { recordProblems } from './released-image.js';
import { versionProblems } from './versions.js';
import { workflowProblems } from './workflow.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const output = path.join(root, 'dist-release');
const uv = process.env.KDEPLOY_UV ?? 'uv';
const run = promisify(execFile);
const read = (file: string) => readFile(path.join(root, file), 'utf8');

const problems: string[] = [];
const note = (text: string) => process.stdout.write(`${text}\n`);
const check = (what: string, found: readonly string[]) => {
  note(`${found.length === 0 ? 'ok  ' : 'FAIL'} ${what}`);
  for (const each of found) note(`       ${each}`);
  problems.push(...found);
};

const packageJson = await read('package.json');
const manifest = JSON.parse(packageJson) as { version: string; repository?: { url: string } };
const repository = manifest.repository?.url;
const commit = (await run('git', ['rev-parse', 'HEAD'], { cwd: root })).stdout.trim();
note(`kdeploy ${manifest.version}, commit ${commit}`);
const { stdout: changed } = await run('git', ['status', '--porcelain'], { cwd: root });
check('everything is committed', changed === '' ? [] : ['git status shows changes that are in no commit']);

check(
  'one version everywhere',
  versionProblems(
    {
      packageJson,
      changelog: await read('CHANGELOG.md'),
      runtime: await read('templates/runtime/kdeploy_runtime/__init__.py'),
      preCommit: await read('pyproject.toml'),
      action: await read('action.yml'),
      component: await read('templates/image/template.yml'),
    },
    IS_PUBLISHED,
  ),
);
check('what this version bakes is recorded for later ones', await recordProblems(manifest.version));
check(
  'the workflow publishes without stored tokens',
  workflowProblems(await read('.github/workflows/release.yml'), {
    repository,
    remote: await remoteUrl(),
    npmrc: await read('.npmrc').catch(() => undefined),
  }),
);
for (const [registry, ask] of [
  ['npm', askNpm],
  ['PyPI', askPypi],
] as const) {
  const verdict = judgeName(registry, await ask(), { repository, isPublished: IS_PUBLISHED });
  check(`the name on ${registry}`, verdict.problems);
  for (const each of verdict.notes) note(`       ${each}`);
}

const folder = await mkdtemp(path.join(tmpdir(), 'kdeploy-release-'));
try {
  const checkout = path.join(folder, 'one', 'checkout');
  await checkOut(root, commit, checkout);
  const packed = await pack(checkout, path.join(folder, 'one', 'packed'));
  // Neither the place must show, nor the time zone, nor the rights of those who pack.
  const umask = process.umask(0o077);
  const elsewhere = path.join(folder, 'another', 'deeper', 'checkout');
  await checkOut(root, commit, elsewhere);
  const other = await pack(elsewhere, path.join(folder, 'other'), { TZ: 'Pacific/Kiritimati' });
  process.umask(umask);
  const contents = await contentsOf(packed, checkout);
  for (const kind of ['tarball', 'wheel', 'sdist'] as const) {
    const [one, two] = await Promise.all([readFile(packed[kind]), readFile(other[kind])]);
    check(`the ${kind}, packed twice: the same bytes`, one.equals(two) ? [] : [`the two ${kind}s differ`]);
    const { expected } = contents[kind];
    check(`the ${kind} holds the ${expected.length} files that it should`, contentsProblems(contents[kind]));
  }
  const python = ['--quiet', '--from'];
  const judges: [string, readonly string[]][] = [
    ['twine', [...python, 'twine==7.0.0', 'twine', 'check', '--strict', packed.wheel, packed.sdist]],
    [
      'check-wheel-contents',
      [
        ...python,
        'check-wheel-contents==0.6.3',
        'check-wheel-contents',
        '--config',
        'python/pyproject.toml',
        packed.wheel,
      ],
    ],
  ];
  for (const [name, words] of judges)
    check(`${name} accepts the Python package`, await complaints(uv, ['tool', 'run', ...words]));

  const bundled = bundledPackages(await readFile(path.join(checkout, 'dist/third-party-licences.txt'), 'utf8'));
  const brought = await packagesInWheel(packed.wheel);
  for (const [what, packages] of [
    ['bundled packages', bundled],
    ["packages in the wheel's node_modules", brought],
  ] as const) {
    const bare = packages
      .filter(({ hasText }) => !hasText)
      .map(({ name }) => `${name} comes without the text of its licence`);
    check(`the licences of ${packages.length} ${what}`, bare);
  }

  const smoke = { version: manifest.version, sources: path.join(root, 'test/fixtures/spaceflights'), folder };
  check('the tarball, installed elsewhere, checks a project', await npmProblems(packed.tarball, smoke));
  check('the wheel, installed elsewhere, checks a project', await pipProblems(packed.wheel, uv, smoke));
  check('the sdist, built and installed elsewhere, checks a project', await pipProblems(packed.sdist, uv, smoke));

  await rm(output, { recursive: true, force: true });
  await mkdir(output, { recursive: true });
  for (const file of [packed.tarball, packed.wheel, packed.sdist]) {
    await cp(file, path.join(output, path.basename(file)));
  }
  await writeFile(path.join(output, 'kdeploy-npm.cdx.json'), billOfMaterials('npm', manifest.version, bundled));
  await writeFile(
    path.join(output, 'kdeploy-python.cdx.json'),
    billOfMaterials('pypi', manifest.version, [...bundled, ...brought]),
  );
  note('written to dist-release/:');
  let sums = '';
  for (const file of (await readdir(output)).sort()) {
    const sum = await sha256(file);
    sums += `${sum}  ${file}\n`;
    const { size } = await stat(path.join(output, file));
    note(`  ${(size / 1e6).toFixed(2).padStart(6)} MB  ${sum}  ${file}`);
  }
  await writeFile(path.join(output, 'SHA256SUMS'), sums);
} finally {
  await rm(folder, { recursive: true, force: true });
}
note(
  problems.length === 0
    ? 'This commit can be released.'
    : `This commit cannot be released: ${problems.length} problems.`,
);
process.exitCode = problems.length === 0 ? 0 : 1;

/** `undefined` in a clone without one. */
function remoteUrl(): Promise<string | undefined> {
  return run('git', ['remote', 'get-url', 'origin'], { cwd: root }).then(
    ({ stdout }) => stdout.trim(),
    () => undefined,
  );
}

async function sha256(file: string): Promise<string> {
  return createHash('sha256')
    .update(await readFile(path.join(output, file)))
    .digest('hex');
}

/** What a judge says where it does not accept. */
async function complaints(command: string, words: readonly string[]): Promise<string[]> {
  try {
    await run(command, words, { cwd: root });
    return [];
  } catch (error) {
    const { stdout, stderr } = error as Ended;
    return `${stdout}${stderr}`.trim().split('\n');
  }
}

interface Ended {
  readonly stdout: string;
  readonly stderr: string;
}
