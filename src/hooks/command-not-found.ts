import type { Hook } from '@oclif/core';
import { EXIT_CODES } from '../errors.js';
import { errorJson, errorText } from '../ui/error-text.js';
import { unknownCommand } from '../ui/unknown-command.js';

/** An unknown command is a usage error like any other, with a suggestion. */
const hook: Hook.CommandNotFound = async ({ id, argv = [], config }) => {
  const words = [...id.split(':'), ...argv];
  const error = await unknownCommand(words, config.commandIDs);
  if (words.includes('--json')) process.stdout.write(`${JSON.stringify(errorJson(error), undefined, 2)}\n`);
  else process.stderr.write(`${errorText(error, { verbose: false })}\n`);
  process.exit(EXIT_CODES.usage);
};

export default hook;
