import { chmod, readdir } from 'node:fs/promises';
import path from 'node:path';

import { requireCommand, run } from './commands.js';

/** The newest patch of the version that Kubernetes' go.mod asks for; a toolchain is a Go module as well (go.dev/doc/toolchain). */
const TOOLCHAIN = 'golang.org/toolchain@v0.0.1-go1.24.13';

/** A Go that is new enough: the machine's, or the one that it can download. Debian's may be years older. */
export async function requireGo(): Promise<string> {
  const go = requireCommand('go');
  // Of the Go alone, whatever a go.mod asks for.
  const version = /go1\.(\d+)/.exec(await run([go, 'version'], { cwd: '/' }))?.[1];
  if (Number(version) >= 24) return go;
  const platform = (await run([go, 'env', 'GOOS', 'GOARCH'], { cwd: '/' })).split('\n').join('-');
  const found = await run([go, 'mod', 'download', '-json', `${TOOLCHAIN}.${platform}`], { cwd: '/' });
  const { Dir: folder } = JSON.parse(found) as { readonly Dir: string };
  // A module's files are not executable.
  for (const programs of ['bin', path.join('pkg', 'tool', platform.replace('-', '_'))])
    for (const name of await readdir(path.join(folder, programs)))
      await chmod(path.join(folder, programs, name), 0o755);
  return path.join(folder, 'bin', 'go');
}
