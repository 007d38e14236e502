import { expect } from 'chai';
import { execa } from 'execa';
import { chmod, readdir, readFile } from 'node:fs/promises';
import { compileWheels, type Bytecode, type CompileJob } from '../../../../../src/builders/layers/wheels/bytecode.js';
import { rejection } from '../../../../support/rejection.js';
import { gone, isRunning } from '../../../../support/running-process.js';
import { wheelFile, type WheelContent } from '../../../../unit/builders/layers/wheels/wheel-file.js';
import { TemporaryFolder } from '../../../../unit/temporary-folder.js';

const SITE = 'opt/venv/lib/python3.11/site-packages';

/** Names that interpreters share, and constants whose order or identity they choose. */
const moduleText = (name: string, index: number): string => `
"""Module ${index} of ${name}."""
import json, os
NAMES = {'alpha', 'beta', 'gamma', '${name}', 'x${index}'}
def f_${index}(self, *, key=(1, 2, '[', ']', 'name'), other=b'x'):
    return key in {'a', 'b', 'c'} or json.dumps([self.${name}_attribute, '${name}', ${index}.5, os.path])
class Class${index % 7}:
    attribute = lambda self: [each for each in (self.items, 'items', ': ', ', ')]
    pattern = "\\d"
`;

const modules = (name: string, count: number): WheelContent =>
  Object.fromEntries(
    Array.from({ length: count }, (_, index) => [`${name}/m${index}.py`, moduleText(name, index)] as const),
  );

/** As kedro's wheel has one: a template, whose name is one too. */
const TEMPLATE = '{{ cookiecutter.repo_name }}/conf.py';

const WHEELS: Readonly<Record<string, WheelContent>> = {
  many: modules('many', 230),
  few: { ...modules('few', 5), 'grün.py': 'größe = "ü"', [TEMPLATE]: 'import {{ cookiecutter.python_package }}' },
  none: {},
};

describe('compileWheels', () => {
  let folder: TemporaryFolder;
  const python = 'python3';

  beforeEach(async () => {
    folder = await TemporaryFolder.create();
  });

  afterEach(() => folder.remove());

  async function jobs(names: readonly string[], place: string): Promise<CompileJob[]> {
    for (const name of names) {
      await folder.write({ [`${place}/${name}.whl`]: wheelFile(WHEELS[name]!), [`${place}/out/empty`]: '' });
    }
    return names.map((name) => ({
      wheel: folder.file(`${place}/${name}.whl`),
      sources: Object.keys(WHEELS[name]!).map((entry) => ({ entry, path: `${SITE}/${entry}` })),
      output: folder.file(`${place}/out/${name}`),
    }));
  }

  interface Options {
    readonly python?: string;
    readonly workers?: number;
    readonly signal?: AbortSignal;
    readonly environment?: NodeJS.ProcessEnv;
  }

  async function compile(all: readonly CompileJob[], options: Options = {}): Promise<Bytecode[]> {
    const given = { python, workers: 2, signal: new AbortController().signal, ...options };
    const found: Bytecode[] = [];
    for await (const bytecode of compileWheels(all, given)) found.push(bytecode);
    return found;
  }

  /** The bytes of each file by its path. */
  async function filesOf(all: readonly Bytecode[]): Promise<Map<string, Buffer>> {
    const found = new Map<string, Buffer>();
    for (const { job, files } of all) {
      const bytes = await readFile(job.output);
      for (const { path, offset, size } of files) found.set(path, bytes.subarray(offset, offset + size));
      expect(files.reduce((sum, { size }) => sum + size, 0)).to.equal(bytes.length);
    }
    return found;
  }

  it('gives the same bytes for any number of workers, order of wheels, folder and environment', async () => {
    const first = await filesOf(await compile(await jobs(['many', 'few', 'none'], 'one'), { workers: 1 }));
    const second = await filesOf(
      await compile(await jobs(['few', 'none', 'many'], 'another place/ü'), {
        workers: 4,
        environment: {
          PATH: process.env.PATH,
          LANG: 'C',
          PYTHONHASHSEED: '7',
          PYTHONOPTIMIZE: '2',
          PYTHONDONTWRITEBYTECODE: '1',
          PYTHONWARNINGS: 'error',
          PYTHONPYCACHEPREFIX: folder.file('elsewhere'),
        },
      }),
    );
    expect(first.size).to.equal(236);
    expect([...second.keys()].sort()).to.deep.equal([...first.keys()].sort());
    for (const [path, bytes] of first) expect(second.get(path)?.equals(bytes), path).to.equal(true);
  });

  it('gives what py_compile gives, but for what marshal knows of the interpreter', async () => {
    const files = await filesOf(await compile(await jobs(['few'], 'one')));
    await folder.write({ 'source.py': moduleText('few', 3), 'compiled.pyc': files.get(cached('few/m3'))! });
    const program = [
      'import importlib.util, marshal, py_compile, sys',
      'source, compiled, path, module = sys.argv[1:]',
      'mode = py_compile.PycInvalidationMode.UNCHECKED_HASH',
      'theirs = py_compile.compile(source, cfile=source + "c", dfile=path, invalidation_mode=mode)',
      'ours, theirs = open(compiled, "rb").read(), open(theirs, "rb").read()',
      'assert ours[:4] == importlib.util.MAGIC_NUMBER and ours[:16] == theirs[:16], (ours[:16], theirs[:16])',
      'code, other = marshal.loads(ours[16:]), marshal.loads(theirs[16:])',
      'assert code == other and code.co_filename == path, code.co_filename',
      'loaded = importlib.util.spec_from_file_location("m", compiled)',
      'found = importlib.util.module_from_spec(loaded); loaded.loader.exec_module(found)',
      'print(sorted(found.NAMES)[-1], found.f_3.__code__.co_filename)',
    ].join('\n');
    const { stdout } = await execa(python, [
      '-W',
      'ignore',
      '-c',
      program,
      folder.file('source.py'),
      folder.file('compiled.pyc'),
      `/${SITE}/few/m3.py`,
      'm3',
    ]);
    expect(stdout).to.equal(`x3 /${SITE}/few/m3.py`);
  });

  it('leaves out what cannot be compiled, and says why', async () => {
    const [found] = await compile(await jobs(['few'], 'one'));
    expect(found?.skipped.map(({ path }) => path)).to.deep.equal([`${SITE}/${TEMPLATE}`]);
    expect(found?.skipped[0]?.reason).to.match(/^SyntaxError: .*conf\.py, line 1/);
    expect(found?.files.map(({ path }) => path)).to.include(cached('grün'));
  });

  const deep = `x = ${'('.repeat(500)}${')'.repeat(500)}`;
  for (const [what, content] of [
    ['a zero byte', 'x = 1\0'],
    ['bytes in no encoding', Buffer.from([0x78, 0x3d, 0x27, 0xff, 0x27])],
    ['an encoding that does not exist', '# coding: nothing\nx = 1'],
    ['too many brackets', deep],
    ['too many operations', `x = ${'-'.repeat(100_000)}1`],
    ['a number that is too long', `x = 1${'0'.repeat(10)}; y = ${'['.repeat(300)}`],
  ] as const) {
    it(`leaves out ${what}`, async () => {
      await folder.write({ 'w.whl': wheelFile({ 'bad.py': { content }, 'good.py': 'x = 1' }), 'out/empty': '' });
      const sources = ['bad.py', 'good.py'].map((entry) => ({ entry, path: `${SITE}/${entry}` }));
      const [found] = await compile([{ wheel: folder.file('w.whl'), sources, output: folder.file('out/w') }]);
      expect(found?.skipped.map(({ path }) => path)).to.deep.equal([`${SITE}/bad.py`]);
      expect(found?.files.map(({ path }) => path)).to.deep.equal([cached('good')]);
    });
  }

  it('yields the wheels in the order of the jobs, and leaves nothing beside their outputs', async () => {
    const found = await compile(await jobs(['none', 'many', 'few'], 'one'), { workers: 3 });
    expect(found.map(({ job, files }) => [job.output.split('/').at(-1), files.length])).to.deep.equal([
      ['none', 0],
      ['many', 230],
      ['few', 6],
    ]);
    expect((await readdir(folder.file('one/out'))).sort()).to.deep.equal(['empty', 'few', 'many', 'none']);
    expect(await compile([])).to.deep.equal([]);
  });

  it('works where processes cannot be forked', async () => {
    const script = `import os, runpy, sys; del os.fork; sys.argv = sys.argv[-2:]; runpy.run_path(sys.argv[0], run_name='__main__')`;
    const withoutFork = await program(`exec ${python} -s -S -B -c "${script}" "$@"`);
    const found = await compile(await jobs(['many', 'few'], 'one'), { python: withoutFork });
    expect(found.map(({ files }) => files.length)).to.deep.equal([230, 6]);
  });

  async function program(text: string): Promise<string> {
    await folder.write({ 'bin/a python': `#!/bin/sh\n${text}\n` });
    await chmod(folder.file('bin/a python'), 0o755);
    return folder.file('bin/a python');
  }

  it('that has no Python is a missing tool', async () => {
    const error = await rejection(compile(await jobs(['few'], 'one'), { python: folder.file('none') }));
    expect([error.code, error.message]).to.deep.equal(['tool-missing', `${folder.file('none')} could not be started`]);
    expect(error.hint).to.contain('image.bytecode: false');
  });

  for (const [what, text, message, output] of [
    ['dies', 'cat >/dev/null; echo why >&2; exit 3', /ended with exit code 3$/, ['why']],
    ['is killed', 'kill -9 $$', /ended with SIGKILL$/, []],
    ['reads nothing', 'exit 1', /ended with exit code 1$/, []],
    ['ends too early', 'cat >/dev/null', /ended too early$/, []],
    [
      'prints something else',
      'cat >/dev/null; echo hello; sleep 60',
      /printed something else than expected$/,
      ['hello'],
    ],
    ['answers for another wheel', `echo '{"output": "x", "pyc": [], "skipped": []}'`, /something else/, undefined],
    [
      'answers in another form',
      `echo '{"output": "OUT", "pyc": [["a", 1]], "skipped": []}'`,
      /something else/,
      undefined,
    ],
    [
      'answers too often',
      `for i in 1 2; do echo '{"output": "OUT", "pyc": [], "skipped": []}'; done`,
      /something else/,
      undefined,
    ],
  ] as const) {
    it(`says so when Python ${what}`, async () => {
      const all = await jobs(['few'], 'one');
      const fake = await program(text.replace('OUT', all[0]!.output));
      const error = await rejection(compile(all, { python: fake }));
      expect(error.code).to.equal('build-failed');
      expect(error.message)
        .to.match(/^the bytecode of the packages could not be made: /)
        .and.to.match(message);
      if (output !== undefined) expect(error.output).to.deep.equal(output);
    });
  }

  it('says why it fails, such as a wheel that is gone', async () => {
    const all = await jobs(['many'], 'one');
    const error = await rejection(compile([{ ...all[0]!, wheel: folder.file('gone') }]));
    expect(error.output.join('\n')).to.contain('FileNotFoundError').and.to.contain('gone');
  });

  it('says that the disk is full', async () => {
    const fake = await program(`echo "OSError: [Errno 28] No space left on device" >&2; exit 1`);
    const error = await rejection(compile(await jobs(['few'], 'one'), { python: fake }));
    expect(error.hint).to.equal('the disk is full: free some space, and try again');
  });

  it('gets no credentials of this shell', async () => {
    const fake = await program('cat >/dev/null; echo "$SOME_TOKEN$PLAIN" >&2; exit 1');
    const environment = { PATH: process.env.PATH, SOME_TOKEN: 'hunter2', PLAIN: 'plain' };
    const error = await rejection(compile(await jobs(['few'], 'one'), { python: fake, environment }));
    expect(error.output).to.deep.equal(['plain']);
  });

  it('ends with all of its processes when it is interrupted, or nobody asks for more', async () => {
    const all = await jobs(['few', 'many'], 'one');
    const line = `{"output": "${all[0]!.output}", "pyc": [], "skipped": []}`;
    const fake = await program(`cat >/dev/null; sleep 300 & echo $! >'${folder.file('pid')}'; echo '${line}'; wait`);
    const pid = async () => Number(await readFile(folder.file('pid'), 'utf8'));
    const controller = new AbortController();
    const interrupted = rejection(
      (async () => {
        for await (const each of compileWheels(all, { python: fake, workers: 1, signal: controller.signal })) {
          expect([each.job, isRunning(await pid())]).to.deep.equal([all[0], true]);
          controller.abort();
        }
      })(),
    );
    expect((await interrupted).code).to.equal('interrupted');
    await gone(await pid());

    for await (const each of compileWheels(all, { python: fake, workers: 1, signal: new AbortController().signal })) {
      expect([each.job, isRunning(await pid())]).to.deep.equal([all[0], true]);
      break;
    }
    await gone(await pid());
    expect((await rejection(compile(all, { signal: controller.signal }))).code).to.equal('interrupted');
  });
});

function cached(module: string): string {
  const [, folder = '', name = ''] = /^(.*\/)?([^/]+)$/.exec(module) ?? [];
  return `${SITE}/${folder}__pycache__/${name}.${TAG}.pyc`;
}

const TAG = await execa('python3', ['-c', 'import sys; print(sys.implementation.cache_tag)']).then(
  ({ stdout }) => stdout,
);
