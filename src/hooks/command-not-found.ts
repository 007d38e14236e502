import type { Hook } from '@oclif/core';
import { didYouMean } from '../config/settings/suggestion.js';
import { EXIT_CODES, KdeployError } from '../errors.js';
import { errorText } from '../ui/error-text.js';

/** A command that does not exist is a usage error like any other, with the one that was probably meant. */
const hook: Hook.CommandNotFound = async ({ id, config }) => {
  const meant = await didYouMean(id, config.commandIDs);
  const error = new KdeployError('usage', `kdeploy has no command "${id.replaceAll(':', ' ')}"`, {
    hint: meant === undefined ? 'see `kdeploy help`' : `did you mean \`kdeploy ${meant.replaceAll(':', ' ')}\`?`,
  });
  process.stderr.write(`${errorText(error, { verbose: false })}\n`);
  process.exit(EXIT_CODES.usage);
};

export default hook;
