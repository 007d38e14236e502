import { UVX_ENVIRONMENTS } from '../../project/kedro/own-environment.js';

/** What runs a program without installing it, and what installs it for good. */
export interface Runner {
  readonly name: string;
  readonly install: string;
}

/** Where each keeps what it runs, seen by an absolute path with slashes, and clears it away one day. */
const RUNNERS: readonly (Runner & { readonly place: RegExp })[] = [
  { name: 'uvx', install: 'uv tool install', place: UVX_ENVIRONMENTS },
  { name: 'pipx run', install: 'pipx install', place: /\/(?:\.cache\/pipx|pipx\/\.?cache|Caches\/pipx)\//i },
  { name: 'npx', install: 'npm install --global', place: /\/_npx\// },
  { name: 'pnpm dlx', install: 'pnpm add --global', place: /\/pnpm\/(?:.*\/)?dlx[/-]/ },
  { name: 'bunx', install: 'bun add --global', place: /\/bunx-[^/]*\// },
];

/** `undefined` for a program that was installed. Takes backslashes for slashes. */
export function runnerOf(program: string): Runner | undefined {
  const path = program.replaceAll('\\', '/');
  return RUNNERS.find(({ place }) => place.test(path));
}
