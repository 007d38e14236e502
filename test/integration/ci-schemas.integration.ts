import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { expect } from 'chai';
import { execa } from 'execa';
import { parse } from 'yaml';

import type { CiServiceName } from '../../src/config/init/ci/service-names.js';
import { ensureVirtualEnvironment } from '../support/environment/python.js';
import { allPipelines } from '../support/pipelines.js';

/** check-jsonschema's names for them; they come with it, so nothing is fetched. */
const SCHEMAS: Readonly<Record<CiServiceName, string>> = {
  github: 'vendor.github-workflows',
  gitlab: 'vendor.gitlab-ci',
  cloudbuild: 'vendor.cloudbuild',
};

describe('the pipelines that kdeploy init --ci writes', () => {
  let bin: string;
  let folder: string;
  before(async () => {
    bin = path.join(await ensureVirtualEnvironment('linters'), 'bin');
    folder = await mkdtemp(path.join(tmpdir(), 'kdeploy-ci-'));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  const written = async (platform: CiServiceName) => {
    const pipelines = (await allPipelines()).filter((each) => each.platform === platform);
    return Promise.all(
      pipelines.map(async ({ name, text }) => {
        const file = path.join(folder, `${name.replaceAll(/[^\w]+/g, '-')}.yml`);
        await writeFile(file, text);
        return file;
      }),
    );
  };
  const validate = (platform: CiServiceName, files: readonly string[]) =>
    execa(path.join(bin, 'check-jsonschema'), ['--builtin-schema', SCHEMAS[platform], ...files], { reject: false });

  for (const platform of Object.keys(SCHEMAS) as CiServiceName[]) {
    it(`${platform}: each one is what the service's schema allows`, async () => {
      const files = await written(platform);
      expect(files).to.have.length.above(20);
      const { exitCode, stdout, stderr } = await validate(platform, files);
      expect(exitCode, stdout + stderr).to.equal(0);
    });

    it(`${platform}: and the schema does refuse`, async () => {
      const [file = ''] = await written(platform);
      await writeFile(file, 'jobs: 3\nsteps: 3\nimage: 3\n');
      expect((await validate(platform, [file])).exitCode).to.equal(1);
    });
  }

  it('and so are the action and the component in this repository, whose inputs have their defaults', async () => {
    const read = (name: string) => readFile(new URL(`../../${name}`, import.meta.url), 'utf8');
    const [head = '', jobs = ''] = (await read('templates/image/template.yml')).split('---\n');
    const { spec } = parse(head) as { spec: { inputs: Record<string, { default: string }> } };
    const filled = jobs.replaceAll(/\$\[\[ inputs\.(\w+) \]\]/g, (_, name: string) => spec.inputs[name]!.default);
    const files = await Promise.all(
      [head, filled, await read('action.yml')].map(async (text, index) => {
        const file = path.join(folder, `own-${index}.yml`);
        await writeFile(file, text);
        return file;
      }),
    );
    for (const [schema, some] of [
      ['vendor.gitlab-ci', files.slice(0, 2)],
      ['vendor.github-actions', files.slice(2)],
    ] as const) {
      const command = path.join(bin, 'check-jsonschema');
      const { exitCode, stdout } = await execa(command, ['--builtin-schema', schema, ...some], { reject: false });
      expect(exitCode, stdout).to.equal(0);
    }
  });

  it('have shell scripts without a mistake that shellcheck knows', async () => {
    const own = await Promise.all(
      ['action.yml', '.github/workflows/release.yml', 'templates/image/template.yml'].map(async (name) =>
        (await readFile(new URL(`../../${name}`, import.meta.url), 'utf8')).replace(/^[^]*^---$/m, ''),
      ),
    );
    const texts = [...(await allPipelines()).map(({ text }) => text), ...own];
    const scripts = new Set(texts.flatMap((text) => scriptsIn(parse(text))));
    expect(scripts).to.have.property('size').above(20);
    let number = 0;
    const files = await Promise.all(
      [...scripts].map(async (script) => {
        const file = path.join(folder, `${number++}.sh`);
        await writeFile(file, `${script}\n`);
        return file;
      }),
    );
    const { exitCode, stdout } = await execa(path.join(bin, 'shellcheck'), ['--shell=bash', ...files], {
      reject: false,
    });
    expect(exitCode, stdout).to.equal(0);
  });
});

/** GitHub's `run`, Cloud Build's `script`, and the lines of GitLab's lists, which one shell runs in turn. */
function scriptsIn(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(scriptsIn);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value as Record<string, unknown>).flatMap(([key, inner]) => {
    const isScript = ['run', 'script', 'before_script'].includes(key);
    if (isScript && typeof inner === 'string') return [inner];
    // A runner of GitLab begins with this.
    return isScript && Array.isArray(inner)
      ? [['set -eo pipefail', ...(inner as string[])].join('\n')]
      : scriptsIn(inner);
  });
}
