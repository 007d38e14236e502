import type { GraphRule } from './rule.js';
import { confirmed } from './rules/confirmed.js';
import { databaseFile } from './rules/database-file.js';
import { inMemory } from './rules/in-memory.js';
import { localPath } from './rules/local-path.js';
import { lostOutput } from './rules/lost-output.js';
import { missingClass } from './rules/missing-class.js';
import { mergedGroups } from './rules/merged-groups.js';
import { nodeName } from './rules/node-name.js';
import { readWriteOnce } from './rules/read-write-once.js';
import { runOption } from './rules/run-option.js';
import { samePath } from './rules/same-path.js';
import { tooManyTasks } from './rules/too-many-tasks.js';
import { versioned } from './rules/versioned.js';

/** In the order in which their problems are shown. */
export const GRAPH_RULES: readonly GraphRule[] = [
  inMemory,
  confirmed,
  localPath,
  samePath,
  databaseFile,
  versioned,
  nodeName,
  runOption,
  tooManyTasks,
  missingClass,
  lostOutput,
  readWriteOnce,
  mergedGroups,
];
