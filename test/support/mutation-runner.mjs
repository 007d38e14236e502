/**
 * Runs the tests for Stryker, in its process: files are loaded once, and each mutant is switched on in them. Stryker's own
 * runner for mocha does not know this mocha.
 */
import { PluginKind, declareFactoryPlugin } from '@stryker-mutator/api/plugin';
import {
  DryRunStatus,
  TestStatus,
  determineHitLimitReached,
  toMutantRunResult,
} from '@stryker-mutator/api/test-runner';
import Mocha from 'mocha';
import { createRequire } from 'node:module';
import path from 'node:path';

/** What the instrumented sources look at. */
const switches = (globalThis.__stryker__ ??= {});

export const strykerPlugins = [declareFactoryPlugin(PluginKind.TestRunner, 'mocha-12', createRunner)];
createRunner.inject = ['options'];

function createRunner({ testFilesOfMocha }) {
  const mocha = new Mocha({ reporter: Results, timeout: 0 });
  mocha.cleanReferencesAfterRun(false);
  for (const file of ['test/support/property-seed.ts', ...testFilesOfMocha]) mocha.addFile(path.resolve(file));
  let isDryRun = false;
  mocha.suite.beforeEach(function () {
    if (isDryRun) switches.currentTestId = this.currentTest?.fullTitle();
  });
  let isLoaded = false;

  async function run({ disableBail, activeMutant, mutantActivation, hitLimit, testFilter }) {
    switches.hitLimit = hitLimit;
    switches.hitCount = hitLimit === undefined ? undefined : 0;
    if (!isLoaded) {
      switches.activeMutant = mutantActivation === 'static' ? activeMutant.id : undefined;
      await mocha.loadFilesAsync();
      // Required, as mocha requires the tests: what is imported is another instance, which remembers nothing.
      const { mochaHooks } = createRequire(import.meta.url)(path.resolve('test/support/forget-secrets.ts'));
      mocha.suite.afterEach(mochaHooks.afterEach);
      isLoaded = true;
    }
    switches.activeMutant = activeMutant?.id;
    setBail(mocha.suite, !disableBail);
    mocha.grep(testFilter === undefined ? /./ : new RegExp(testFilter.map((title) => `^${escaped(title)}$`).join('|')));
    await new Promise((resolve) => mocha.run(resolve));
    return (
      determineHitLimitReached(switches.hitCount, hitLimit) ?? { status: DryRunStatus.Complete, tests: Results.last }
    );
  }

  return {
    // What was imported stays imported.
    capabilities: () => ({ reloadEnvironment: false }),
    async dryRun(options) {
      isDryRun = options.coverageAnalysis === 'perTest';
      const result = await run(options);
      isDryRun = false;
      return { ...result, mutantCoverage: switches.mutantCoverage };
    },
    async mutantRun(options) {
      return toMutantRunResult(await run(options));
    },
  };
}

class Results {
  static last = [];

  constructor(runner) {
    const tests = (Results.last = []);
    const add = (test, more) => {
      const name = test.ctx?.currentTest?.fullTitle() ?? test.fullTitle();
      tests.push({ id: name, name, timeSpentMs: test.duration ?? 0, fileName: test.file, ...more });
    };
    runner.on('pass', (test) => add(test, { status: TestStatus.Success }));
    runner.on('fail', (test, error) =>
      add(test, { status: TestStatus.Failed, failureMessage: error.message || 'failed' }),
    );
  }
}

function setBail(suite, bail) {
  suite.bail(bail);
  for (const inner of suite.suites) setBail(inner, bail);
}

function escaped(text) {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
