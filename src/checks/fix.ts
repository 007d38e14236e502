/**
 * How a finding can be mended without anybody having to think: what is to be done, as data. Only what is safe in every
 * project is a fix; `kdeploy check --fix` works it out (src/fix/), shows it as a diff, and asks.
 * Files are relative to the project, with forward slashes.
 */
export type Fix =
  /** A line at the end of a requirements file. */
  | { readonly kind: 'add-requirement'; readonly file: string; readonly requirement: string }
  /** Leaves one file out of the build context, by a line at the end of the file that says what is left out. */
  | { readonly kind: 'leave-out-of-image'; readonly ignoreFile: string; readonly path: string }
  /** kedro-mlflow's own template, as `kedro mlflow init` writes it. */
  | { readonly kind: 'write-mlflow-config'; readonly file: string };
