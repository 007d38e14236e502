/**
 * What `npm run typecheck` and `npm run lint` find, with one program: read and checked twice, the sources of this repository take
 * half a minute of CPU time more.
 */
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { ESLint } from 'eslint';
import ts from 'typescript';

const root = fileURLToPath(new URL('../..', import.meta.url));
const configured = ts.getParsedCommandLineOfConfigFile(path.join(root, 'tsconfig.json'), undefined, ts.sys);
// ESLint's rules go from a node to the ones around it.
const program = ts.createProgram(
  configured.fileNames,
  configured.options,
  ts.createCompilerHost(configured.options, true),
);

const problems = ts.getPreEmitDiagnostics(program);
const host = { getCanonicalFileName: (file) => file, getCurrentDirectory: () => root, getNewLine: () => '\n' };
process.stdout.write(ts.formatDiagnostics(problems, host));

const parserOptions = { programs: [program], projectService: false };
const eslint = new ESLint({ cwd: root, overrideConfig: { files: ['**/*.ts'], languageOptions: { parserOptions } } });
const results = await eslint.lintFiles(['.']);
console.log(await (await eslint.loadFormatter('stylish')).format(results));

const isClean = results.every(({ errorCount, warningCount }) => errorCount + warningCount === 0);
process.exitCode = problems.length === 0 && isClean ? 0 : 1;
