import { expect } from 'chai';
import { executable, inBinFolder, onPath, programToStart, type ProgramPlace } from '../../src/find-program.js';

/** A machine with these files, all of which can be run. */
const machine = (isWindows: boolean, files: readonly string[], around: Partial<ProgramPlace> = {}): ProgramPlace => ({
  environment: {},
  isWindows,
  currentFolder: isWindows ? 'C:\\flights\\project' : '/home/ada/project',
  canRun: (file) => Promise.resolve(files.includes(file)),
  ...around,
});
const windows = (files: readonly string[], around: Partial<ProgramPlace> = {}) => machine(true, files, around);
const posix = (files: readonly string[], around: Partial<ProgramPlace> = {}) => machine(false, files, around);

describe('a program', () => {
  const onPaths: readonly [what: string, path: string, file: string][] = [
    ['on a drive', 'C:\\Windows;D:\\tools', 'D:\\tools\\kedro.exe'],
    ['on a share', '\\\\server\\share\\tools', '\\\\server\\share\\tools\\kedro.exe'],
    ['as a batch file, as pyenv has them', 'C:\\pyenv\\shims', 'C:\\pyenv\\shims\\kedro.bat'],
    ['as npm has them', 'C:\\npm', 'C:\\npm\\kedro.cmd'],
    ['in a folder in quotes', '"C:\\Program Files\\x";C:\\y', 'C:\\Program Files\\x\\kedro.exe'],
    ['in a folder with forward slashes', 'C:/tools', 'C:\\tools\\kedro.exe'],
    ['in a folder of the same drive', '\\tools', 'C:\\tools\\kedro.exe'],
    ['in a folder below this one, where PATH says so', '.\\bin', 'C:\\flights\\project\\bin\\kedro.exe'],
    ['behind words that are empty', ';;C:\\tools;', 'C:\\tools\\kedro.exe'],
  ];
  for (const [what, PATH, file] of onPaths)
    it(`is found on the PATH of Windows ${what}`, async () => {
      expect(await onPath('kedro', windows([file], { environment: { PATH } }))).to.equal(file);
      expect(programToStart('kedro', { PATH }, { isWindows: true, isFile: (each) => each === file })).to.equal(
        // This process is in a folder of another system.
        PATH.startsWith('.') || PATH.startsWith('\\tools') ? undefined : file,
      );
    });

  it('is found however Windows spells the variable, of which a copy keeps the spelling', async () => {
    for (const name of ['PATH', 'Path', 'path'])
      expect(await onPath('uv', windows(['D:\\uv.exe'], { environment: { [name]: 'D:\\' } })), name).to.equal(
        'D:\\uv.exe',
      );
    expect(await onPath('uv', posix(['/bin/uv'], { environment: { Path: '/bin' } }))).to.equal(undefined);
  });

  it('is the first that PATH has, and in one folder the .exe', async () => {
    const files = ['C:\\b\\kedro.exe', 'C:\\a\\kedro.bat', 'C:\\a\\kedro.cmd'];
    expect(await onPath('kedro', windows(files, { environment: { PATH: 'C:\\a;C:\\b' } }))).to.equal(files[2]);
  });

  it('is not what lies in the current folder, where Windows itself looks first', async () => {
    const files = ['C:\\flights\\project\\git.exe', 'C:\\git\\git.exe'];
    expect(await onPath('git', windows(files, { environment: { PATH: 'C:\\git' } }))).to.equal(files[1]);
    expect(await onPath('git', windows(files, { environment: { PATH: '' } }))).to.equal(undefined);
    expect(programToStart('git', { PATH: '' }, { isWindows: true, isFile: () => true })).to.equal(undefined);
  });

  it('is left to the system elsewhere, which looks on PATH alone', () => {
    expect(programToStart('git', { PATH: '/nowhere' }, { isWindows: false })).to.equal('git');
  });

  it('is a program that Node starts by itself, where no shell comes between', () => {
    const isFile = (file: string) => ['C:\\a\\git.cmd', 'C:\\b\\git.exe'].includes(file);
    const PATH = 'C:\\a;C:\\b';
    expect(programToStart('git', { PATH }, { isWindows: true, isFile })).to.equal('C:\\a\\git.cmd');
    expect(programToStart('git', { PATH }, { isWindows: true, isFile, endings: ['.exe'] })).to.equal('C:\\b\\git.exe');
  });

  it('has the ending that it was given, in any case', async () => {
    expect(await executable('C:\\a\\KEDRO.EXE', windows(['C:\\a\\KEDRO.EXE']))).to.equal('C:\\a\\KEDRO.EXE');
    expect(await executable('C:\\a\\kedro.py', windows(['C:\\a\\kedro.py']))).to.equal(undefined);
    expect(await executable('C:\\a\\python3.11', windows(['C:\\a\\python3.11.exe']))).to.equal('C:\\a\\python3.11.exe');
  });

  it('is in Scripts of a virtual environment on Windows, in bin elsewhere', async () => {
    const [file, other] = ['D:\\x\\.venv\\Scripts\\kedro.exe', '/x/.venv/bin/kedro'];
    expect(await inBinFolder('kedro', 'D:/x/.venv', windows([file]))).to.equal(file);
    expect(await inBinFolder('kedro', '/x/.venv', posix([other]))).to.equal(other);
    for (const none of [undefined, '']) expect(await inBinFolder('kedro', none, posix([other]))).to.equal(undefined);
  });

  it('is looked for on PATH with colons elsewhere', async () => {
    const around = posix(['/b/c/kedro'], { environment: { PATH: '/a::/b/c' } });
    expect(await onPath('kedro', around)).to.equal('/b/c/kedro');
  });
});
