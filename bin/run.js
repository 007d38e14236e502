#!/usr/bin/env node
// A Node.js that is too old must be able to read this file, to say so: nothing is imported before that is known.

async function run() {
  const { keepCompiledCode, settleHome, settleShell } = await import('../dist/before-start.js');
  // Before anything asks for them.
  settleHome();
  settleShell();
  // Before the program is loaded: what is loaded already is not kept.
  await keepCompiledCode();
  const { runCommandLine } = await import('../dist/kdeploy.js');
  await runCommandLine();
}

/** As the program shows its own errors. */
function refuse() {
  const message =
    'kdeploy needs Node.js 20.19, 22.3 or later, and ' + process.execPath + ' is Node.js ' + process.versions.node;
  const hint = 'install a newer one (https://nodejs.org/en/download), and start kdeploy with it';
  const words = process.argv.slice(2);
  const end = words.indexOf('--');
  if ((end === -1 ? words : words.slice(0, end)).includes('--json')) {
    const error = { code: 'tool-missing', message, exitCode: 3, hint };
    console.log(JSON.stringify({ version: 1, error }, undefined, 2));
  } else console.error('Error: ' + message + '\n  next: ' + hint);
  process.exitCode = 3;
}

const [major, minor] = process.versions.node.split('.').map(Number);
// As package.json says. Node 21 and the first of Node 22 lack what was added to Node 20 later: process.getBuiltinModule, zlib.crc32.
if (major > 22 || (major === 22 && minor >= 3) || (major === 20 && minor >= 19)) run();
else refuse();
