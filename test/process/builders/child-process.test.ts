import { existsSync } from 'node:fs';
import { chmod, readFile } from 'node:fs/promises';
import { expect } from 'chai';
import { runChildProcess, type ChildProcessOptions } from '../../../src/builders/kedro/child-process.js';
import { rejection } from '../../support/rejection.js';
import { gone } from '../../support/running-process.js';
import { TemporaryFolder } from '../../unit/temporary-folder.js';

describe('a child process', () => {
  let folder: TemporaryFolder;
  let lines: string[];

  beforeEach(async () => {
    folder = await TemporaryFolder.create();
    lines = [];
  });

  afterEach(async () => folder.remove());

  /** Runs a shell script with a space in its path, because people's folders have them. */
  const run = async (script: string, changes: Partial<ChildProcessOptions> = {}, arguments_: string[] = []) => {
    await folder.write({ 'my tools/script': `#!/bin/sh\n${script}\n` });
    await chmod(folder.file('my tools/script'), 0o755);
    return runChildProcess(folder.file('my tools/script'), arguments_, {
      folder: folder.path,
      environment: {},
      signal: new AbortController().signal,
      onLine: (line) => lines.push(line),
      ...changes,
    });
  };

  it('gives its lines, stdout and stderr together, and its exit code', async () => {
    expect(await run('echo one; echo two >&2; echo three; exit 3')).to.deep.equal({ exitCode: 3 });
    expect(lines.toSorted()).to.deep.equal(['one', 'three', 'two']);
  });

  it('keeps letters whole that arrive in pieces', async () => {
    await run(String.raw`printf '\303'; printf '\244\n'`);
    expect(lines).to.deep.equal(['ä']);
  });

  it('gets its arguments as they are, no shell in between', async () => {
    await run('printf "%s|" "$@"', {}, ['a b', '$HOME', '"; exit 9', '']);
    expect(lines).to.deep.equal(['a b|$HOME|"; exit 9||']);
  });

  it('runs in the given folder, with the given variables over the current ones, and without stdin', async () => {
    await run('pwd; echo "$SECRET"; test -n "$PATH" && echo path; cat; echo end', {
      environment: { SECRET: 'hunter2-value' },
    });
    expect(lines).to.deep.equal([folder.path, 'hunter2-value', 'path', 'end']);
  });

  it('gives stdout apart, where that is taken, and gets what is sent to it', async () => {
    const output: string[] = [];
    await run('cat; echo said >&2', { onOutput: (line) => output.push(line), input: 'one\ntwo\n' });
    expect([output, lines]).to.deep.equal([['one', 'two'], ['said']]);
  });

  it('has no other variables than those given, where they are all', async () => {
    process.env.KDEPLOY_TEST_OUTSIDE = 'outside';
    await run('echo "$KDEPLOY_TEST_OUTSIDE|$INSIDE"', { environment: { INSIDE: 'inside' }, isWholeEnvironment: true });
    delete process.env.KDEPLOY_TEST_OUTSIDE;
    expect(lines).to.deep.equal(['|inside']);
  });

  it('is read to its end however much it prints', async () => {
    await run('i=0; while [ $i -lt 20000 ]; do echo "line $i of many that do not fit into a pipe"; i=$((i+1)); done');
    expect(lines).to.have.lengthOf(20_000);
  });

  it('has no exit code when a signal ended it', async () => {
    expect(await run('kill -9 $$')).to.deep.equal({ exitCode: undefined });
  });

  it('that is not there is a missing tool', async () => {
    const options = {
      folder: folder.path,
      environment: {},
      signal: new AbortController().signal,
      onLine: () => undefined,
    };
    const error = await rejection(runChildProcess(folder.file('none'), [], options));
    expect([error.code, error.message]).to.deep.equal(['tool-missing', `${folder.file('none')} could not be started`]);
    expect(String(error.cause)).to.contain('ENOENT');
  });

  it('that may not be executed is a missing tool too', async () => {
    await folder.write({ tool: 'not executable' });
    const options = {
      folder: folder.path,
      environment: {},
      signal: new AbortController().signal,
      onLine: () => undefined,
    };
    expect((await rejection(runChildProcess(folder.file('tool'), [], options))).code).to.equal('tool-missing');
  });

  describe('that is interrupted', () => {
    it('is gone, with what it started', async () => {
      const interruption = new AbortController();
      // kedro starts docker, which goes on building when kedro alone is killed.
      const script = "sh -c 'echo $$ > grandchild; echo started; exec sleep 30' &\necho $$ > child\nwait";
      const onLine = (): void => interruption.abort();
      const error = await rejection(run(script, { signal: interruption.signal, onLine }));
      expect([error.code, error.exitCode]).to.deep.equal(['interrupted', 130]);
      await gone(await pidIn(folder.file('child')));
      await gone(await pidIn(folder.file('grandchild')));
    });

    it('may end in its own way first', async () => {
      const interruption = new AbortController();
      const script = "trap 'echo cleaned up; exit 0' TERM\necho started\nwhile :; do :; done";
      const onLine = (line: string): void => {
        lines.push(line);
        interruption.abort();
      };
      const error = await rejection(run(script, { signal: interruption.signal, onLine }));
      expect(error.code).to.equal('interrupted');
      expect(lines).to.deep.equal(['started', 'cleaned up']);
    });

    it('before it began does not go on', async () => {
      const error = await rejection(run('sleep 30; echo ran > done', { signal: AbortSignal.abort() }));
      expect(error.code).to.equal('interrupted');
      expect(existsSync(folder.file('done'))).to.equal(false);
    });

    it('after its end is nobody’s error', async () => {
      const interruption = new AbortController();
      await run('exit 0', { signal: interruption.signal });
      interruption.abort();
    });
  });
});

async function pidIn(file: string): Promise<number> {
  return Number((await readFile(file, 'utf8')).trim());
}
