import type { Step } from '../progress.js';

/** What a builder needs to know; every default is already filled in. */
export interface BuildRequest {
  /** The project's folder, absolute: the build context. */
  readonly project: string;
  /** The private tag the image is built onto; nobody's tag moves. */
  readonly tag: string;
  /** Relative to the project. */
  readonly dockerfile: string;
  /** `null`: as kedro docker chooses, `python:X.Y-slim` of the Python that runs Kedro. */
  readonly baseImage: string | null;
  /** The owner of the project's files in the image; `null`: the current user's, or 999:0 for root. */
  readonly uid: number | null;
  readonly gid: number | null;
  /** `linux/amd64`. */
  readonly platform: string;
  readonly buildArguments: readonly BuildArgument[];
  readonly secrets: readonly BuildSecret[];
}

/** `--build-arg NAME=value`. The value goes to the engine, never into a process title, a log or the image. */
export interface BuildArgument {
  readonly name: string;
  readonly value: string;
}

/** `--secret id=pip,src=…` or `--secret id=pip,env=…`: what `RUN --mount=type=secret,id=pip` sees during that one step. */
export type BuildSecret =
  | { readonly id: string; /** Absolute path. */ readonly file: string }
  | { readonly id: string; /** Name of an environment variable. */ readonly env: string };

/** Makes the project's image: the way kedro docker does, before anything is baked. */
export interface Builder {
  readonly name: 'kedro' | 'engine';

  /**
   * Builds onto `request.tag` and resolves when the image is there. Throws KdeployError `build-failed` with the last
   * lines of the build, `tool-missing` when what it needs is not there, `interrupted` when `signal` aborts it.
   */
  build(request: BuildRequest, step: Step, signal: AbortSignal): Promise<void>;
}
