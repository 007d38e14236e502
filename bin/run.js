#!/usr/bin/env node
import { keepCompiledCode } from '../dist/compile-cache.js';

// Before the program is loaded: what is loaded already is not kept.
await keepCompiledCode();
const { runCommandLine } = await import('../dist/kdeploy.js');
await runCommandLine();
