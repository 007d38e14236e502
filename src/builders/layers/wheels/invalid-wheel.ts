import { KdeployError } from '../../../errors.js';

/** A wheel that cannot be installed: damaged, or not built as the specification says. `filename` is its name on its index. */
export function invalidWheel(filename: string, reason: string, cause?: unknown): KdeployError {
  return new KdeployError('build-failed', `${filename} is not a valid wheel: ${reason}`, {
    cause,
    hint: 'pin another version of the package, or report the wheel to its maintainers',
  });
}
