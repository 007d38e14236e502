/**
 * The test environment by hand:
 *   npx tsx test/support/environment/cli.ts up      start it and keep it; tests use it from then on
 *   npx tsx test/support/environment/cli.ts status  whether everything in it answers
 *   npx tsx test/support/environment/cli.ts down    end it
 *   npx tsx test/support/environment/cli.ts python  the path of its Python, made where missing; nothing is started
 */
import { keptEnvironment, startKeeper, stopKeptEnvironment } from './environment.js';
import { ensurePackages, needCommand, needVirtualEnvironments } from './packages.js';
import { report } from './progress.js';
import { ensureVirtualEnvironment, pythonOf } from './python.js';

const commands: Record<string, () => Promise<number>> = {
  up: async () => {
    let environment = await keptEnvironment();
    if (environment === undefined) {
      await stopKeptEnvironment();
      const keeper = await startKeeper('detached');
      keeper.release();
      environment = keeper.environment;
    }
    print(environment);
    return 0;
  },
  down: async () => {
    report((await stopKeptEnvironment()) ? 'the environment has ended' : 'no environment is kept');
    return 0;
  },
  status: async () => {
    const environment = await keptEnvironment();
    if (environment === undefined) {
      report('no environment is kept');
      return 1;
    }
    print(environment);
    return 0;
  },
  python: async () => {
    await ensurePackages([needCommand('python3', 'python3'), needVirtualEnvironments]);
    const versions = process.argv[3] === 'oldest' ? 'oldest' : 'newest';
    process.stdout.write(`${pythonOf(await ensureVirtualEnvironment(versions))}\n`);
    return 0;
  },
};

function print(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, undefined, 2)}\n`);
}

const command = commands[process.argv[2] ?? ''];
if (command === undefined) {
  report(`give one of: ${Object.keys(commands).join(', ')}`);
  process.exitCode = 2;
} else {
  try {
    process.exitCode = await command();
  } catch (error) {
    report(error instanceof Error ? error.message : String(error));
    process.exitCode = 3;
  }
}
