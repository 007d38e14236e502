export type Verbosity = 'quiet' | 'normal' | 'verbose';

/** --quiet and --verbose, and the variables that CI systems set; a flag wins over a variable, quiet over verbose. */
export function verbosityOf(
  flags: { readonly quiet?: boolean; readonly verbose?: boolean },
  environment: NodeJS.ProcessEnv,
): Verbosity {
  if (flags.quiet === true) return 'quiet';
  if (flags.verbose === true) return 'verbose';
  return environment.KDEPLOY_VERBOSE === '1' ? 'verbose' : 'normal';
}
