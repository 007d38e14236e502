import type { Hook } from '@oclif/core';
import { EXIT_CODES } from '../errors.js';
import { errorJson, errorText } from '../ui/error-text.js';
import { printJson, writeNote } from '../ui/output.js';
import { unknownCommand } from '../ui/unknown-command.js';

/** An unknown command is a usage error like any other, with a suggestion. */
const hook: Hook.CommandNotFound = async ({ id, argv = [], config }) => {
  const words = [...id.split(':'), ...argv];
  const error = await unknownCommand(words, config.commandIDs);
  if (words.includes('--json')) printJson(errorJson(error));
  else writeNote(`${errorText(error, { verbose: false })}\n`);
  process.exit(EXIT_CODES.usage);
};

export default hook;
