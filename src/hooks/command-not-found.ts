import type { Hook } from '@oclif/core';
import { didYouMean } from '../config/settings/suggestion.js';
import { EXIT_CODES, KdeployError } from '../errors.js';
import { errorText } from '../ui/error-text.js';

/** An unknown command is a usage error like any other, with a suggestion. */
const hook: Hook.CommandNotFound = async ({ id, config }) => {
  const meant = await didYouMean(id, config.commandIDs);
  const error = new KdeployError('usage', `unknown command "${id.replaceAll(':', ' ')}"`, {
    hint: meant === undefined ? 'see `kdeploy help`' : `did you mean \`kdeploy ${meant.replaceAll(':', ' ')}\`?`,
  });
  process.stderr.write(`${errorText(error, { verbose: false })}\n`);
  process.exit(EXIT_CODES.usage);
};

export default hook;
