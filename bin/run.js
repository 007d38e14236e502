#!/usr/bin/env node
import { runCommandLine } from '../dist/kdeploy.js';

await runCommandLine();
