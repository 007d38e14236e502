import { access, chmod, chown, lstat, mkdir, readdir, readFile, readlink, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect } from 'chai';
import { execa } from 'execa';
import { accountOf, type AccountIds } from '../../../../../src/builders/layers/base/account.js';
import { readBase } from '../../../../../src/builders/layers/base/read-base.js';
import { FolderCache } from '../../../../../src/cache/file-cache.js';
import { TemporaryFolder } from '../../../../unit/temporary-folder.js';
import { DEBIAN, imageOfLayers, type TestEntry } from '../../../../unit/builders/layers/base/base-images.js';

const [USERADD, GROUPADD] = ['/usr/sbin/useradd', '/usr/sbin/groupadd'];

const FILES: Readonly<Record<string, string>> = {
  'etc/passwd': 'root:x:0:0:root:/root:/bin/bash\nnobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n',
  'etc/group': 'root:x:0:\nmail:x:8:\nusers:x:100:\nnogroup:x:65534:\n',
  'etc/shadow': 'root:*:19000:0:99999:7:::\nnobody:*:19000:0:99999:7:::\n',
  'etc/gshadow': 'root:*::\nmail:*::\nusers:*::\nnogroup:*::\n',
  'etc/subuid': '',
  'etc/subgid': '',
  'etc/login.defs': 'UMASK 022\nPASS_MAX_DAYS 99999\nPASS_MIN_DAYS 0\nPASS_WARN_AGE 7\nUID_MIN 1000\nGID_MIN 1000\n',
  'etc/default/useradd': 'SHELL=/bin/sh\n',
  'etc/skel/.bashrc': '# bash\n',
  // No folders: useradd needs /proc to copy them, which is not there below another root.
  'etc/skel/script': '#!/bin/sh\n',
};

/** A base with these files instead of those of FILES; `undefined`: without one. */
function baseFiles(changed: Readonly<Record<string, string | undefined>>): [path: string, content: string][] {
  return Object.entries({ ...FILES, ...changed }).flatMap(([name, content]) =>
    content === undefined ? [] : [[name, content]],
  );
}

const modeOf = (name: string): number => {
  if (name.endsWith('shadow')) return 0o640;
  return name.endsWith('script') ? 0o4755 : 0o644;
};

/** What the tools make of a base; `undefined`: they fail. */
async function byTools(
  root: string,
  files: readonly [string, string][],
  ids: AccountIds,
): Promise<string[] | undefined> {
  for (const [name, content] of files) {
    const file = path.join(root, name);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, content);
    await chmod(file, modeOf(name));
  }
  await mkdir(path.join(root, 'home'));
  await symlink('.bashrc', path.join(root, 'etc/skel/link'));
  const run = async (program: string, args: readonly string[]) =>
    execa(program, ['--root', root, ...args], { reject: false, env: { SOURCE_DATE_EPOCH: '0' } });
  const { uid, gid } = ids;
  const group = await run(GROUPADD, ['-f', '-g', String(gid), 'kedro_group']);
  const flags = ['-m', '-d', '/home/kedro_docker', '-s', '/bin/bash', '-g', String(gid), '-u', String(uid)];
  const user = group.exitCode === 0 ? await run(USERADD, [...flags, 'kedro_docker']) : undefined;
  return user?.exitCode === 0 ? tree(root) : undefined;
}

/** What kdeploy makes of the same base, on top of it. */
async function byKdeploy(
  root: string,
  files: readonly [string, string][],
  ids: AccountIds,
): Promise<string[] | undefined> {
  const entries: TestEntry[] = files.map(([name, content]) => [name, content, { mode: modeOf(name) }]);
  const image = await imageOfLayers([
    DEBIAN,
    [...entries, ['etc/skel/link', { linkname: '.bashrc' }], ['home/', { mode: 0o755 }]],
  ]);
  const facts = await readBase(image, { cache: new FolderCache(path.join(root, 'cache')), note: () => undefined });
  let made: ReturnType<typeof accountOf>;
  try {
    made = accountOf(facts, ids);
  } catch {
    return undefined;
  }
  const folder = path.join(root, 'made');
  await mkdir(folder);
  const kept = files.filter(([name]) => /^etc\/(?:passwd|group|g?shadow|sub[ug]id)$/.test(name));
  for (const [name, content] of kept) {
    await mkdir(path.join(folder, 'etc'), { recursive: true });
    await writeFile(path.join(folder, name), content);
    await chmod(path.join(folder, name), modeOf(name));
  }
  for (const entry of made.entries) {
    const at = path.join(folder, entry.path);
    if (entry.type === 'folder') await mkdir(at, { recursive: true });
    else if (entry.type === 'link') await symlink(entry.target, at);
    else await writeFile(at, entry.content.kind === 'bytes' ? entry.content.bytes : '');
    if (entry.type === 'link') continue;
    await chown(at, entry.uid, entry.gid);
    await chmod(at, entry.mode);
  }
  return tree(folder);
}

/** The account files and the home folder, with modes, owners (not of links) and contents. */
async function tree(root: string): Promise<string[]> {
  const names = ['passwd', 'group', 'shadow', 'gshadow', 'subuid', 'subgid'].map((name) => `etc/${name}`);
  const there = await Promise.all(names.map((name) => access(path.join(root, name)).then(() => [name], () => []))); // prettier-ignore
  const lines = await Promise.all([...there.flat(), 'home'].map((name) => described(root, name)));
  return lines.flat();
}

async function described(root: string, name: string): Promise<string[]> {
  const file = path.join(root, name);
  const entry = await lstat(file);
  if (entry.isSymbolicLink()) return [`${name} > ${await readlink(file)}`];
  const line = `${name} ${(entry.mode & 0o7777).toString(8)} ${entry.uid}:${entry.gid}`;
  if (!entry.isDirectory()) return [`${line} ${JSON.stringify(await readFile(file, 'latin1'))}`];
  const inner = await Promise.all((await readdir(file)).sort().map((each) => described(root, `${name}/${each}`)));
  return [line, ...inner.flat()];
}

describe('the account that kdeploy makes', () => {
  let folder: TemporaryFolder | undefined;

  beforeEach(async function () {
    const areThere = await Promise.all([USERADD, GROUPADD].map((file) => access(file).then(() => true, () => false))); // prettier-ignore
    // Files of another owner can be made by root alone.
    if (process.getuid?.() !== 0 || areThere.includes(false)) this.skip();
    folder = await TemporaryFolder.create();
  });

  afterEach(() => folder?.remove());

  const login = FILES['etc/login.defs'] ?? '';
  const group = FILES['etc/group'] ?? '';
  const cases: readonly [what: string, files: Record<string, string | undefined>, ids: AccountIds][] = [
    ['the default', {}, { uid: 999, gid: 0 }],
    ['a group of its own', {}, { uid: 999, gid: 999 }],
    ['an ordinary user', {}, { uid: 1000, gid: 1000 }],
    ['a group that the base has', {}, { uid: 1500, gid: 100 }],
    ['IDs beyond the ordinary ones', {}, { uid: 70_000, gid: 70_000 }],
    ['groups that are taken', { 'etc/group': `${group}a:x:1000:\nb:x:1007:\n` }, { uid: 999, gid: 0 }],
    ['the last group taken', { 'etc/group': `${group}a:x:1000:\nb:x:60000:\n` }, { uid: 999, gid: 0 }],
    ['the group there', { 'etc/group': `${group}kedro_group:x:55:\n` }, { uid: 999, gid: 55 }],
    ['the group there with another ID', { 'etc/group': `${group}kedro_group:x:55:\n` }, { uid: 999, gid: 1234 }],
    ['no free group', { 'etc/login.defs': `${login}GID_MIN 8\nGID_MAX 8\n` }, { uid: 999, gid: 0 }],
    ['the user ID taken', {}, { uid: 0, gid: 0 }],
    ['the user there', { 'etc/passwd': 'kedro_docker:x:5:5::/:/bin/sh\n' }, { uid: 999, gid: 0 }],
    ['no shadow files', { 'etc/shadow': undefined, 'etc/gshadow': undefined }, { uid: 999, gid: 0 }],
    ['no subordinate IDs', { 'etc/subuid': undefined, 'etc/subgid': undefined }, { uid: 1000, gid: 0 }],
    [
      'subordinate IDs taken',
      { 'etc/subuid': 'z:100000:70000\nq:1:1', 'etc/subgid': 'z:200000:10\n' },
      { uid: 1000, gid: 0 },
    ],
    ['a private home folder', { 'etc/login.defs': `${login}HOME_MODE 0700\n` }, { uid: 999, gid: 0 }],
    ['a mask', { 'etc/login.defs': `${login}UMASK\t077 \n` }, { uid: 999, gid: 0 }],
    ['a mask with a comment behind it', { 'etc/login.defs': `${login}UMASK 077 # private\n` }, { uid: 999, gid: 0 }],
    ['a mask in quotes', { 'etc/login.defs': `${login}  UMASK "027" x\n` }, { uid: 999, gid: 0 }],
    ['no login.defs', { 'etc/login.defs': undefined }, { uid: 1000, gid: 0 }],
    ['no default/useradd', { 'etc/default/useradd': undefined }, { uid: 999, gid: 0 }],
    ['accounts that expire', { 'etc/default/useradd': 'INACTIVE=5\nEXPIRE=2030-01-01\n' }, { uid: 999, gid: 0 }],
    ['a file without a last end of line', { 'etc/passwd': 'root:x:0:0:root:/root:/bin/bash' }, { uid: 999, gid: 0 }],
  ];
  for (const [what, changed, ids] of cases)
    it(`is the one that useradd and groupadd make with ${what}`, async () => {
      const files = baseFiles(changed);
      const [tools, own] = [folder!.file('tools'), folder!.file('own')];
      await Promise.all([tools, own].map((each) => mkdir(each)));
      expect(await byKdeploy(own, files, ids)).to.deep.equal(await byTools(tools, files, ids));
    });
});
