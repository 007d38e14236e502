import path from 'node:path';

import { expect } from 'chai';

import { baseInRegistry } from '../support/base-in-registry.js';
import { executable, runCommand } from '../support/command.js';
import { run } from '../support/environment/commands.js';
import { environment } from '../support/environment/mocha.js';
import { ensureNode, NODES, NODES_AT_NIGHT, NODES_REFUSED } from '../support/environment/node.js';
import { projectOfFewPackages } from '../support/few-packages.js';
import { expectPushed, expectStopped, HookedClones, type Clone } from '../support/hooked-clones.js';
import { nightly } from '../support/nightly.js';
import { createWorkspace, type Workspace } from '../support/workspace.js';

/** What users run is one program for every Node; all other tests run it with the one that runs them. */
describe('the compiled program', () => {
  let workspace: Workspace;
  let project: string;
  let base: string;
  let clones: HookedClones;
  let clone: Clone;
  const digests = new Set<string>();

  before(async () => {
    workspace = await createWorkspace();
    base = await baseInRegistry();
    project = await projectOfFewPackages(workspace);
    clones = await HookedClones.create({ PATH: environment().env.PATH ?? '' });
    clone = await clones.clone();
    await clone.project();
  });
  after(async () => {
    await workspace.remove();
    await clones.remove();
  });

  for (const version of [...NODES, ...NODES_AT_NIGHT])
    (NODES.some((each) => each === version) ? { describe } : nightly).describe(`run by Node ${version}`, () => {
      let node: string;
      before(async () => {
        node = await ensureNode(version);
      });

      it('starts', async () => {
        const { stdout, stderr } = await workspace.kdeploy(['--version'], { node });
        expect(stderr).to.equal('');
        expect(stdout).to.match(new RegExp(`^kdeploy/\\S+ \\S+ node-v${version.replaceAll('.', '\\.')}\\b`));
      });

      it('finds in a project what the Node of these tests finds', async () => {
        const args = ['check', '--format', 'json'];
        const [found, expected] = [
          await workspace.kdeploy(args, { cwd: project, node }),
          await workspace.kdeploy(args, { cwd: project }),
        ];
        expect(found).to.deep.equal(expected);
        expect(found.stdout).to.include('"findings"');
      });

      it('says what is wrong with a registry that does not answer', async () => {
        const { exitCode, stderr } = await workspace.kdeploy(['inspect', '--remote', 'localhost:1/a:b'], { node });
        expect(exitCode).to.equal(3);
        expect(stderr).to.match(/^Error: localhost:1 refused the connection/);
      });

      it('stops a push and lets one through, as the hook', async () => {
        const { exitCode, stderr } = await runCommand(['hook', 'install'], {
          ...{ cwd: clone.folder, env: clones.env, node },
        });
        expect(exitCode, stderr).to.equal(0);
        await clone.breakIt();
        await clone.commit();
        expectStopped(await clone.push('origin', `main:broken-${version}`));
        await clone.fixIt();
        await clone.write('conf/base/parameters.yml', `node: ${version}\n`);
        await clone.commit();
        expectPushed(await clone.push('origin', `main:fixed-${version}`), 'no problems');
      });

      // Not only by another Node: nothing else of the machine makes a difference either.
      it('builds the same image in another folder, time zone and home, with other rights of new files and nothing kept', async () => {
        const folder = (name: string): string => path.join(workspace.folder, `${name}-${version}`);
        const args = [
          ...['build', '--builder', 'layers', '--no-check', '--self-test', 'never', '--base-image', base, '--json'],
          ...['--image', `${workspace.prefix}/tiny`, '--tag', 'v1', '--output', `oci:${folder('layout')}`],
        ];
        const json = await run(['sh', '-c', 'umask 077; exec "$@"', 'sh', node, executable, ...args], {
          cwd: await workspace.copyOf(project),
          extendEnv: false,
          env: {
            ...workspace.env,
            ...{ DOCKER_HOST: 'unix:///nonexistent/docker.sock', HOME: folder('home'), LC_ALL: 'C' },
            TZ: version === NODES[0] ? 'UTC' : 'Pacific/Kiritimati',
            KDEPLOY_CACHE_FOLDER: folder('cache'),
            KDEPLOY_STATE_FOLDER: folder('state'),
          },
        });
        digests.add((JSON.parse(json) as { readonly digest: string }).digest);
        expect([...digests]).to.have.lengthOf(1);
      });
    });

  for (const version of NODES_REFUSED)
    nightly.it(`says in a sentence that Node ${version} is too old, whatever it can parse`, async () => {
      const { exitCode, stdout, stderr } = await workspace.kdeploy(['check'], { node: await ensureNode(version) });
      expect([exitCode, stdout]).to.deep.equal([3, '']);
      expect(stderr).to.match(/^Error: kdeploy needs Node\.js 20\.19, 22\.3 or later, and .*\n {2}next: install .*\n$/);
    });
});
