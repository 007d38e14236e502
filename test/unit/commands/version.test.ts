import { readFile } from 'node:fs/promises';
import { expect } from 'chai';
import Version from '../../../src/commands/version.js';
import { expectOutput } from '../../support/output-schemas.js';
import { root } from '../docs/documents.js';
import { runIsolated } from './isolated-command.js';

describe('the versions', () => {
  it('are those of all parts, as JSON, and a line for people', async () => {
    const { version } = JSON.parse(await readFile(`${root}/package.json`, 'utf8')) as { readonly version: string };
    const runtime = await readFile(`${root}/templates/runtime/kdeploy_runtime/__init__.py`, 'utf8');
    const printed = JSON.parse((await runIsolated(Version, ['--json'])).stdout) as Record<string, unknown>;
    expectOutput('version', printed);
    expect(printed).to.deep.equal({
      version: 1,
      kdeploy: version,
      runtime: /__version__ = "(.+)"/.exec(runtime)?.[1],
      formats: { labels: 1, pipelines: 1, layers: 1, recipe: 2 },
      installation: 'source',
      node: process.versions.node,
      platform: `${process.platform}-${process.arch}`,
    });
    const { stdout } = await runIsolated(Version, []);
    expect(stdout).to.equal(`kdeploy/${version} ${process.platform}-${process.arch} node-${process.version}\n`);
  });
});
