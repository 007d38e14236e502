import { stringify } from 'yaml';
import type { PipelineFacts } from './facts.js';
import type { TemplateParts } from './fill-template.js';
import { loginKey } from './registry.js';

/** For the builder layers, and to install the project's requirements. It is not the subject of a pipeline, so it stays as it is. */
const UV_VERSION = '0.13.9';

/** What every pipeline is filled with; a service adds its own. */
export function commonParts(facts: PipelineFacts, file: string): TemplateParts {
  const { folder, kedro, registry, baseImage, builder, kdeployPackage } = facts;
  const requirements = kedro?.requirements;
  return {
    blocks: [
      registry.kind,
      builder,
      ...(folder === '' ? [] : ['folder']),
      ...(facts.ownerSaid ? [] : ['owner']),
      ...(baseImage === undefined ? [] : ['base-image']),
      ...(kedro === undefined ? [] : ['kedro']),
      ...(kdeployPackage === undefined ? ['unnamed-package'] : []),
    ],
    values: {
      base_image: yaml(baseImage ?? ''),
      builder,
      env: yaml(facts.env),
      file: yaml(glob(file)),
      folder: yaml(folder),
      folder_glob: yaml(`${glob(folder)}/**${folder === '' ? '' : '/*'}`),
      host: registry.host,
      login_key: loginKey(registry),
      package: yaml(kdeployPackage ?? ''),
      python: yaml(kedro?.python ?? facts.python),
      requirements_argument: requirements === undefined ? '.' : `-r ${requirements}`,
      uv: `uv==${UV_VERSION}`,
    },
  };
}

/** A value as it must be written to be read back as this text, in YAML 1.1 as well as 1.2. */
export function yaml(text: string): string {
  return stringify(text, { version: '1.1', lineWidth: 0, singleQuote: true }).trimEnd();
}

/** A list, a line each, at the indentation of the template. */
export function yamlList(items: readonly string[], indent: string): string {
  return items.map((item) => `${indent}- ${yaml(item)}`).join('\n');
}

/** Without the meaning that some characters have in the services' patterns. */
export function glob(text: string): string {
  return text.replaceAll(/[*?+[\]!{}]/g, (character) => `\\${character}`);
}

/** What a git tag of this project starts with: a neighbour in the same repository has tags of its own. */
export function tagPrefix({ folder, slug }: PipelineFacts): string {
  return folder === '' ? '' : `${slug}-`;
}

/** The image's tag, from the variable with the git tag, for the shell. */
export function tagName(facts: PipelineFacts, variable: string): string {
  const prefix = tagPrefix(facts);
  return prefix === '' ? `"$${variable}"` : `"\${${variable}#${prefix}}"`;
}

/** Files and jobs of a project that is a folder of a larger repository have its name as well. */
export function ownName({ folder, slug }: PipelineFacts): string {
  return folder === '' ? 'kdeploy' : `kdeploy-${slug}`;
}

export function merged(one: TemplateParts, other: TemplateParts): TemplateParts {
  return { blocks: [...one.blocks, ...other.blocks], values: { ...one.values, ...other.values } };
}

/** A word of a command that a person will paste into a shell. */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

/** The file that names the project's requirements, seen from the root of the repository. */
export function requirementsPath({ folder, kedro }: PipelineFacts): string {
  const file = kedro?.requirements ?? 'pyproject.toml';
  return folder === '' ? file : `${folder}/${file}`;
}
