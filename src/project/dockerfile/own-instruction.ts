import { parseInstructions, type Instruction } from './instructions.js';

/**
 * What kedro-docker's templates consist of, over the years (kedro-docker 0.1 to 0.6, template/Dockerfile.simple): whatever else
 * is in a Dockerfile was added by its owner. Spaces are single.
 */
const TEMPLATE: Readonly<Record<string, readonly RegExp[]>> = {
  ARG: [/^BASE_IMAGE(=.*)?$/, /^KEDRO_[UG]ID(=\d+)?$/],
  FROM: [/^(?:\$BASE_IMAGE|\$\{BASE_IMAGE\}|runtime-environment)(?: as runtime-environment)?$/i],
  RUN: [
    /^(?:python -m )?pip install -U "?pip[<>=\d., ]*"?$/,
    /^pip install uv$/,
    /^(?:uv )?pip install (?:--system )?(?:--no-cache(?:-dir)? )?-r \/tmp\/requirements\.txt(?: && rm -f \/tmp\/requirements\.txt)?$/,
    /^groupadd -f -g \$\{KEDRO_GID\} kedro_group && useradd (?:-m )?-d \/home\/kedro(?:_docker)? -s \/bin\/bash -g \$\{KEDRO_GID\} -u \$\{KEDRO_UID\} kedro(?:_docker)?$/,
    /^chown -R kedro:\$\{KEDRO_GID\} \/home\/kedro$/,
    /^chmod -R a\+w \/home\/kedro$/,
  ],
  WORKDIR: [/^\/home\/kedro(?:_docker)?$/],
  USER: [/^kedro(?:_docker)?$/],
  COPY: [/^(?:src\/)?requirements\.txt \/tmp\/requirements\.txt$/, /^\. \.$/],
  EXPOSE: [/^8888$/],
  CMD: [/^\["kedro", ?"run"\]$/],
};

/** As one text, `name=value`: any other, such as `--mount` or `--from`, brings in what the template does not have. */
const TEMPLATE_FLAGS: Readonly<Record<string, RegExp>> = { COPY: /^chown=\$\{KEDRO_UID\}:\$\{KEDRO_GID\}$/ };

/**
 * The first instruction of a Dockerfile that is none of kedro-docker's template; `undefined` where there is none, so that the
 * image can be made without running the Dockerfile. Throws KdeployError `configuration` for what cannot be a Dockerfile.
 */
export function ownInstruction(text: string, file: string): Pick<Instruction, 'keyword' | 'line'> | undefined {
  return parseInstructions(text, file).instructions.find(
    ({ keyword, text: content, flags, heredocs }) =>
      heredocs.length > 0 ||
      !flags.every(({ name, value }) => TEMPLATE_FLAGS[keyword]?.test(`${name}=${value}`)) ||
      !(TEMPLATE[keyword] ?? []).some((form) => form.test(content.replaceAll(/\s+/g, ' ').trim())),
  );
}
