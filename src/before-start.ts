/** What has its effect before the program is loaded: one file, for bin/run.js. */
export { keepCompiledCode } from './compile-cache.js';
export { settleHome } from './home-folder.js';
export { settleShell } from './login-shell.js';
