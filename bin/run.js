#!/usr/bin/env node
import { keepCompiledCode, settleHome } from '../dist/before-start.js';

// Before anything asks for it.
settleHome();

// Before the program is loaded: what is loaded already is not kept.
await keepCompiledCode();
const { runCommandLine } = await import('../dist/kdeploy.js');
await runCommandLine();
