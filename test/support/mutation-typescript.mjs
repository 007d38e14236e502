import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const RESULTS = '.mutation';

/** Runs Stryker on a file or a folder of src, with the tests that mirror it and others. */
export async function mutateSources(target, moreTests) {
  const isFile = statSync(target).isFile();
  const mirrored = target.replace(/^src\//, '').replace(/\.ts$/, '.test.ts');
  const tests = ['test/unit', 'test/process']
    .map((folder) => path.join(folder, mirrored))
    .filter((place) => existsSync(place))
    .flatMap((place) =>
      isFile ? place : readdirSync(place, { recursive: true }).map((file) => path.join(place, file)),
    )
    .filter((file) => file.endsWith('.test.ts'));

  const name = target.replaceAll('/', '-');
  const configuration = path.join(RESULTS, `${name}.config.json`);
  mkdirSync(RESULTS, { recursive: true });
  writeFileSync(
    configuration,
    JSON.stringify({
      mutate: [isFile ? target : `${target}/**/*.ts`],
      // What is made while a file is loaded needs a process for each mutant: most regular expressions.
      ignoreStatic: true,
      plugins: ['./test/support/mutation-runner.mjs'],
      testRunner: 'mocha-12',
      testRunnerNodeArgs: ['--import', 'tsx'],
      testFilesOfMocha: [...tests, ...moreTests],
      warnings: { unknownOptions: false },
      coverageAnalysis: 'perTest',
      concurrency: 1,
      incremental: true,
      incrementalFile: path.join(RESULTS, `${name}.json`),
      tempDirName: path.join(RESULTS, 'work'),
      ignorePatterns: ['dist', 'coverage', RESULTS, 'test/integration'],
      reporters: ['clear-text', 'progress-append-only'],
      clearTextReporter: { allowColor: false, reportTests: false, logTests: false },
    }),
  );
  const child = spawn('node_modules/.bin/stryker', ['run', configuration], { stdio: 'inherit' });
  const [exitCode] = await once(child, 'exit');
  return exitCode ?? 1;
}
