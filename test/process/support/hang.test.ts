import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect } from 'chai';
import { hangJudge, processTree } from '../../support/hang.mjs';

describe('the limit of a stage of the tests', () => {
  /** What the judge says at the end of so many minutes, looking every ten seconds. */
  function after(minutes: number, cpuShare: number, cpuMinutes = 15): string | undefined {
    const judge = hangJudge(cpuMinutes);
    let answer: string | undefined;
    for (let now = 10; now <= minutes * 60; now += 10) answer ??= judge(now, now * cpuShare);
    return answer;
  }

  it('leaves a stage alone that works, however long it takes on a busy machine', () => {
    expect(after(12 * 60, 0.02)).to.equal(undefined);
  });

  it('leaves a stage alone that waits for a server for as long as one test may', () => {
    expect(after(14, 0)).to.equal(undefined);
  });

  it('ends a stage that does nothing, such as a test that leaves a socket open, also if timers tick', () => {
    expect(after(16, 0)).to.equal('has done nothing for 15 min');
    expect(after(16, 0.002)).to.equal('has done nothing for 15 min');
  });

  it('ends an endless loop', () => {
    expect(after(14, 1)).to.equal(undefined);
    expect(after(16, 1)).to.equal('has used 15 min of CPU time');
  });

  it('begins to count again after work', () => {
    const judge = hangJudge(15);
    judge(14 * 60, 0);
    judge(15 * 60, 60);
    expect(judge(29 * 60, 60)).to.equal(undefined);
    expect(judge(31 * 60, 60)).to.equal('has done nothing for 15 min');
  });

  it('counts what the processes of the stage started, while they run and when they have ended', async () => {
    const loop = 'for (const end = process.cpuUsage().user + 3e5; process.cpuUsage().user < end; );';
    const grandchild = `const child = require('node:child_process').spawn(process.execPath, ['-e', ${JSON.stringify(loop)}]);
      console.log(child.pid);
      child.on('exit', () => console.log('ended'));
      process.stdin.resume();`;
    const child = spawn(process.execPath, ['-e', grandchild]);
    child.stdout.setEncoding('utf8');
    const output = child.stdout[Symbol.asyncIterator]() as AsyncIterator<string>;
    const pid = Number((await output.next()).value);
    expect(processTree(child.pid!).pids).to.deep.equal([child.pid, pid]);
    expect((await output.next()).value).to.equal('ended\n');
    const { pids, cpuSeconds } = processTree(child.pid!);
    expect(pids).to.deep.equal([child.pid]);
    expect(cpuSeconds).to.be.greaterThan(0.25);
    child.kill();
    await once(child, 'exit');
  });
});
