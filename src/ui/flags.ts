import { Flags } from '@oclif/core';
import type { SettingsFlags } from '../config/settings/flags.js';
import { BUILDERS } from '../config/settings/settings.js';

/** Which Kedro environment; Kedro's own variable counts as well. */
export const environmentFlag = {
  env: Flags.string({
    description: "Kedro's run environment, a folder in conf/ (default: from settings.py, usually local)",
    env: 'KEDRO_ENV',
    helpValue: 'ENV',
  }),
};

export const kedroFlag = {
  kedro: Flags.string({
    description: "the project's kedro (default: KDEPLOY_KEDRO, .venv, VIRTUAL_ENV, PATH, then CONDA_PREFIX)",
    helpValue: 'PATH',
  }),
};

export const executeFlag = {
  execute: Flags.boolean({
    description:
      "start the project's Python where only Kedro can read its configuration; on by default, unless KDEPLOY_NO_EXECUTE=1",
    allowNo: true,
    default: () => Promise.resolve(!['1', 'true'].includes(process.env.KDEPLOY_NO_EXECUTE ?? '')),
  }),
};

/** How an image is named, for the help of each command that takes one. */
export const IMAGE_NAMES = 'name:tag, name@sha256:…, oci:FOLDER, oci-archive:FILE or docker-archive:FILE';

/** Where an image can be written, for the help of each command that does. */
export const OUTPUTS =
  'an OCI image layout: oci:FOLDER or oci:FOLDER:TAG; or into a TAR file with one, in the place of a file that is there: oci-archive:FILE or oci-archive:FILE:TAG';

/** How an image is asked for in a registry. */
export const registryFlags = {
  remote: Flags.boolean({ description: 'look for the image only in its registry' }),
  'plain-http': Flags.boolean({
    description:
      'speak HTTP to registries that have no TLS (default: to those on this machine and in KDEPLOY_PLAIN_HTTP)',
  }),
};

/** Where tracking goes; overrides the files. */
export const trackingFlags = {
  'tracking-uri': Flags.string({
    description: 'the MLflow server to use instead of the one in mlflow.yml',
    helpValue: 'URI',
  }),
  experiment: Flags.string({
    description: 'the MLflow experiment to use instead of the one in mlflow.yml',
    helpValue: 'NAME',
  }),
};

/** What the image is and how it is built; overrides the files. */
export const imageFlags = {
  image: Flags.string({ char: 'i', description: "the image's name: registry.example.com/team/app", helpValue: 'NAME' }),
  tag: Flags.string({
    char: 't',
    description: 'a tag; can be repeated; {git.sha}, {git.branch}, {version} and {env} are filled in',
    multiple: true,
    multipleNonGreedy: true,
    helpValue: 'TAG',
  }),
  builder: Flags.option({
    options: BUILDERS,
    description:
      'kedro: run `kedro docker build`; engine: build the same Dockerfile without waiting for Kedro to start; layers: build without Docker',
  })(),
  dockerfile: Flags.string({ description: 'the Dockerfile, relative to the project', helpValue: 'FILE' }),
  'base-image': Flags.string({
    description: 'the base image (default: the one that kedro docker chooses)',
    helpValue: 'IMAGE',
  }),
  platform: Flags.string({ description: 'the platform to build for (default: linux/amd64)', helpValue: 'OS/ARCH' }),
  uid: Flags.integer({
    description: 'the owner of the files in the image (default: your user; 999 for root)',
    min: 0,
    helpValue: 'ID',
  }),
  gid: Flags.integer({
    description: 'the group of the files in the image (default: your group; 0 for root)',
    min: 0,
    helpValue: 'ID',
  }),
  'build-arg': Flags.string({
    description: 'a build argument; without a value, it is taken from the environment',
    multiple: true,
    multipleNonGreedy: true,
    helpValue: 'NAME[=VALUE]',
  }),
  secret: Flags.string({
    description: 'a build secret for RUN --mount=type=secret; it is never stored in a layer or in the history',
    multiple: true,
    multipleNonGreedy: true,
    helpValue: 'id=ID,src=FILE|env=NAME',
  }),
};

/** What `imageFlags` and `trackingFlags` parse to. */
export interface ParsedSettingsFlags {
  readonly image?: string | undefined;
  readonly tag?: readonly string[] | undefined;
  readonly builder?: string | undefined;
  readonly dockerfile?: string | undefined;
  readonly 'base-image'?: string | undefined;
  readonly platform?: string | undefined;
  readonly uid?: number | undefined;
  readonly gid?: number | undefined;
  readonly 'build-arg'?: readonly string[] | undefined;
  readonly secret?: readonly string[] | undefined;
  readonly 'tracking-uri'?: string | undefined;
  readonly experiment?: string | undefined;
}

/** The flags under the names that the configuration uses. */
export function settingsFlags(flags: ParsedSettingsFlags): SettingsFlags {
  return {
    image: flags.image,
    tags: flags.tag,
    builder: flags.builder,
    dockerfile: flags.dockerfile,
    baseImage: flags['base-image'],
    platform: flags.platform,
    uid: flags.uid,
    gid: flags.gid,
    buildArguments: flags['build-arg'],
    secrets: flags.secret,
    trackingUri: flags['tracking-uri'],
    experimentName: flags.experiment,
  };
}
