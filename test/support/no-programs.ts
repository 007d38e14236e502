/** Unit tests start no programs: mocha requires this file for them. A test that starts one belongs in test/process. */
import childProcess, { ChildProcess } from 'node:child_process';
import { syncBuiltinESMExports } from 'node:module';

const started: string[] = [];

function refuse(program: unknown): never {
  started.push(String(program));
  throw new Error(`A unit test started ${String(program)}. Move it to test/process.`);
}

Object.assign(ChildProcess.prototype, { spawn: ({ file }: { file: string }) => refuse(file) });
Object.assign(childProcess, { spawnSync: refuse, execFileSync: refuse, execSync: refuse });
syncBuiltinESMExports();

export const mochaHooks = {
  /** Code under test may catch the error above. */
  afterEach(): void {
    const [program] = started.splice(0);
    if (program !== undefined) throw new Error(`This test started ${program}. Move it to test/process.`);
  },
};
