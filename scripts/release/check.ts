/**
 * Proves that a commit can be released, and writes what would be published, the bill of materials and the checksums into dist-release/:
 * `npm run release:check`. Exits with 1 where it cannot be; publishes nothing.
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cp, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { IS_PUBLISHED } from '../../src/config/init/ci/installation.js';
import { billOfMaterials, bundledPackages } from './bundled-packages.js';
import { askNpm, askPypi, judgeName } from './names.js';
import { expectedContents, packCommit } from './pack.js';
import { versionProblems } from './versions.js';
import { workflowProblems } from './workflow.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const output = path.join(root, 'dist-release');
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
  // In two places, whose paths must not show.
  const one = await packCommit(root, commit, path.join(folder, 'one'));
  const other = await packCommit(root, commit, path.join(folder, 'another', 'deeper'));
  check('packed twice, the same bytes', one.bytes.equals(other.bytes) ? [] : ['the two tarballs differ']);
  const expected = await expectedContents(one.checkout, one.contents);
  const missing = expected.filter((file) => !one.contents.includes(file)).map((file) => `missing: ${file}`);
  const foreign = one.contents.filter((file) => !expected.includes(file)).map((file) => `not listed: ${file}`);
  check(`the tarball holds the ${expected.length} files that it should`, [...missing, ...foreign]);

  const packages = bundledPackages(await readFile(path.join(one.checkout, 'dist/third-party-licences.txt'), 'utf8'));
  const bare = packages
    .filter(({ hasText }) => !hasText)
    .map(({ name }) => `${name} comes without the text of its licence`);
  check(`the licences of ${packages.length} bundled packages`, bare);
  check('installed elsewhere, it checks a project', await smokeProblems(one.file));

  await rm(output, { recursive: true, force: true });
  await mkdir(output, { recursive: true });
  await cp(one.file, path.join(output, path.basename(one.file)));
  await writeFile(path.join(output, 'kdeploy.cdx.json'), billOfMaterials(manifest.version, packages));
  const python = await readdir(path.join(root, 'dist-python')).catch(() => []);
  const others = python.filter((file) => !file.startsWith(`kdeploy-${manifest.version}`));
  check(
    'the wheel and the sdist',
    python.length === 0
      ? ['dist-python/ is empty: run npm run wheel first']
      : others.map((file) => `of another version: ${file}`),
  );
  for (const file of python) {
    await cp(path.join(root, 'dist-python', file), path.join(output, file));
  }
  const sums = await Promise.all(
    (await readdir(output)).sort().map(async (file) => `${await sha256(file)}  ${file}\n`),
  );
  await writeFile(path.join(output, 'SHA256SUMS'), sums.join(''));
  note(`written to dist-release/:\n${sums.map((line) => `  ${line}`).join('')}`);
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

async function smokeProblems(tarball: string): Promise<string[]> {
  const place = path.join(folder, 'installed');
  const project = path.join(folder, 'project');
  await mkdir(place);
  await cp(path.join(root, 'test/fixtures/spaceflights'), project, { recursive: true });
  await writeFile(
    path.join(project, 'pyproject.toml'),
    '[tool.kedro]\npackage_name = "spaceflights"\nproject_name = "spaceflights"\nkedro_init_version = "1.0.0"\n',
  );
  const words = ['install', '--silent', '--no-audit', '--no-fund', '--prefer-offline', '--prefix', place, tarball];
  await run('npm', words, { cwd: place });
  const kdeploy = (...given: string[]) =>
    run(path.join(place, 'node_modules/.bin/kdeploy'), given, { cwd: project }).catch(
      (error: unknown) => error as Ended,
    );
  const found: string[] = [];
  const { stdout: version } = await kdeploy('--version');
  if (!version.startsWith(`kdeploy/${manifest.version} `)) found.push(`--version says ${version}`);
  const { stdout, stderr } = await kdeploy('check', '--json', '--no-execute');
  if (!/"findings": ?\[/.test(stdout)) found.push(`check reported nothing: ${stdout}${stderr}`.slice(0, 500));
  return found;
}

interface Ended {
  readonly stdout: string;
  readonly stderr: string;
}
