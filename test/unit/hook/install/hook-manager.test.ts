import { expect } from 'chai';
import { parse } from 'yaml';
import { findHookManager } from '../../../../src/hook/install/hook-manager.js';
import type { HooksFolder } from '../../../../src/hook/install/hooks-folder.js';
import { TemporaryFolder } from '../../temporary-folder.js';

describe('the tool that manages the hooks of a repository', () => {
  let folder: TemporaryFolder;
  beforeEach(async () => {
    folder = await TemporaryFolder.create();
  });
  afterEach(() => folder.remove());

  const managerOf = (hooks = '.git/hooks', location: HooksFolder['location'] = 'repository') =>
    findHookManager({
      path: folder.file(hooks),
      workTree: folder.path,
      location,
      own: folder.file('.git/hooks'),
      configuredIn: undefined,
    });

  it('is none without a file of one', async () => {
    await folder.write({ 'lefthook.txt': '', 'config/lefthook.yml': '', 'sub/.pre-commit-config.yaml': '' });
    expect(await managerOf()).to.equal(undefined);
  });

  for (const file of ['lefthook.yml', '.lefthook.yaml', '.config/lefthook.toml', 'lefthook.json', '.lefthook.jsonc'])
    it(`is lefthook where there is ${file}`, async () => {
      await folder.write({ [file]: '# kdeploy\n' });
      const found = await managerOf();
      expect(found).to.include({ name: 'lefthook', file, command: 'lefthook install', callsKdeploy: false });
      expect(found?.hookFile).to.equal(undefined);
    });

  it('gives lefthook a job that gets what git writes', async () => {
    await folder.write({ 'lefthook.yml': '', '.gitattributes': '*.bin filter=lfsx\n' });
    expect(parse((await managerOf())?.lines ?? '')).to.deep.equal({
      'pre-push': { jobs: [{ name: 'kdeploy', run: 'kdeploy hook run {1} {2}', use_stdin: true }] },
    });
  });

  it('gives lefthook the job of git-lfs as well, behind the check, where files are kept with it', async () => {
    await folder.write({ 'lefthook.yml': '', '.gitattributes': '*.bin filter=lfs diff=lfs merge=lfs -text\n' });
    expect(parse((await managerOf())?.lines ?? '')).to.deep.equal({
      skip_lfs: true,
      'pre-push': {
        piped: true,
        jobs: [
          { name: 'kdeploy', run: 'kdeploy hook run {1} {2}', use_stdin: true },
          { name: 'git-lfs', run: 'git lfs pre-push {1} {2}', use_stdin: true },
        ],
      },
    });
  });

  it('is pre-commit where there is its file, whose hook runs before each push', async () => {
    await folder.write({ '.pre-commit-config.yaml': 'repos: []\n' });
    const found = await managerOf();
    expect(found).to.include({
      name: 'pre-commit',
      file: '.pre-commit-config.yaml',
      command: 'pre-commit install --hook-type pre-push',
      callsKdeploy: false,
    });
    expect(parse(found?.lines ?? '')).to.deep.equal({
      repos: [
        {
          repo: 'local',
          hooks: [
            {
              id: 'kdeploy',
              name: 'kdeploy',
              entry: 'kdeploy hook run',
              language: 'system',
              stages: ['pre-push'],
              always_run: true,
              pass_filenames: false,
            },
          ],
        },
      ],
    });
  });

  for (const text of [
    '  - id: kdeploy\n',
    'id: "kdeploy"\n',
    "-  id:   'kdeploy'\n",
    'entry: kdeploy hook run --env x\n',
  ])
    it(`calls kdeploy already through pre-commit with ${JSON.stringify(text)}`, async () => {
      await folder.write({ '.pre-commit-config.yaml': `repos:\n${text}` });
      expect((await managerOf())?.callsKdeploy).to.equal(true);
    });
  for (const text of ['  - id: kdeployed\n', '# id: kdeploy\n', '- name: kdeploy\n', 'entry: kdeploy check\n'])
    it(`does not call it with ${JSON.stringify(text)}`, async () => {
      await folder.write({ '.pre-commit-config.yaml': `repos:\n${text}` });
      expect((await managerOf())?.callsKdeploy).to.equal(false);
    });

  it('calls kdeploy already through lefthook', async () => {
    await folder.write({ 'lefthook.yml': '  run: kdeploy hook run {1} {2}\n' });
    expect((await managerOf())?.callsKdeploy).to.equal(true);
  });

  for (const [hooks, file] of [
    ['.husky/_', '.husky/pre-push'],
    ['.husky', '.husky/pre-push'],
    ['frontend/.husky/_', 'frontend/.husky/pre-push'],
  ] as const)
    it(`is husky where git’s hooks are in ${hooks}, even beside others`, async () => {
      await folder.write({ 'lefthook.yml': '', '.pre-commit-config.yaml': '' });
      const found = await managerOf(hooks, 'work-tree');
      expect(found).to.include({ name: 'husky', file, hookFile: folder.file(file), callsKdeploy: false });
      expect(found?.command).to.equal(undefined);
      expect(found?.lines)
        .to.contain('refs=$(cat)\n')
        .and.to.contain(`printf '%s\\n' "$refs" | kdeploy hook run "$@"\n`);
      await folder.write({ [file]: found?.lines ?? '' });
      expect(await managerOf(hooks, 'work-tree')).to.include({ name: 'husky', callsKdeploy: true });
    });

  it('is not husky where git’s hooks are elsewhere', async () => {
    for (const hooks of ['.husky/hooks', 'husky/_', 'hooks/_', '_'])
      expect(await managerOf(hooks, 'work-tree')).to.equal(undefined);
    expect(await managerOf('.husky/_', 'elsewhere')).to.equal(undefined);
  });

  it('is lefthook where pre-commit is configured as well, and pre-commit with nothing else', async () => {
    await folder.write({ '.pre-commit-config.yaml': '' });
    expect((await managerOf())?.name).to.equal('pre-commit');
    await folder.write({ 'lefthook.yml': '' });
    expect((await managerOf())?.name).to.equal('lefthook');
  });
});
