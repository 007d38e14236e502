/** Where everything stands: plain data, so that one process can start it and another one use it. */
export interface EnvironmentDescription {
  /** As in DOCKER_HOST. */
  readonly dockerHost: string;
  /** The `docker` client that works with that engine. */
  readonly docker: string;
  /** Has Python 3.11 and reaches PyPI: for `--base-image`. */
  readonly baseImage: string;
  /** A registry without authentication: `127.0.0.1:41234`. */
  readonly registry: string;
  /** The same for this machine and for containers. */
  readonly mlflowUri: string;
  /** This machine's address as containers see it; a server bound to it is reached by both. */
  readonly gateway: string;
  /** The virtual environment, and two of its commands. */
  readonly virtualEnvironment: string;
  readonly python: string;
  readonly kedro: string;
  /** The folders that go in front of PATH: the working docker client's, and the one of Kedro. */
  readonly commandFolders: readonly string[];
  /** Environment variables for child processes, without PATH. */
  readonly variables: Readonly<Record<string, string>>;
  /** Of the recipes it was made from: a kept environment with other recipes is out of date. */
  readonly recipe: string;
}
