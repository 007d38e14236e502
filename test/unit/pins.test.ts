import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';

const root = fileURLToPath(new URL('../..', import.meta.url));
const WORKFLOWS = readdirSync(root).includes('.github')
  ? readdirSync(join(root, '.github/workflows')).map((file) => `.github/workflows/${file}`)
  : [];
const FILES = [
  'action.yml',
  'docker/kdeploy/Dockerfile',
  'templates/ci/cloudbuild.yaml',
  'templates/ci/github.yml',
  'templates/ci/gitlab.yml',
  'templates/image/template.yml',
  ...WORKFLOWS,
];

/** A tag can be moved to other code, which would then run beside the login for a registry. */
describe('what the files for CI run', () => {
  const read = (file: string) => readFileSync(join(root, file), 'utf8');
  const found = (pattern: RegExp) =>
    FILES.flatMap((file) => [...read(file).matchAll(pattern)].map((match) => ({ file, text: match[1] ?? '' })));

  it('are actions that are pinned by a commit, with the version for people and for Dependabot', () => {
    const uses = found(/^\s*-? ?uses: (.*)$/gm);
    expect(uses).to.have.length.above(8);
    for (const { file, text } of uses) expect(text, file).to.match(/^[\w.-]+\/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
  });

  it('are images that are pinned by a digest', () => {
    const images = found(/^\s*(?:-? ?(?:image|name): |ARG BASE=)(\w+:\S*)$/gm);
    expect(images).to.have.length.above(4);
    for (const { file, text } of images) expect(text, file).to.match(/^[\w./-]+:[\w.-]+@sha256:[0-9a-f]{64}$/);
  });

  it('is the same everywhere, so that none is forgotten', () => {
    const versions = new Map<string, Set<string>>();
    for (const pattern of [/uses: (\S+@\S+ # \S+)$/gm, /(?:image|name): (\S+@sha256:\S+)$/gm, /\b(uv==[\d.]+)/g]) {
      for (const { text } of found(pattern)) {
        const name = text.split(/@|==/)[0] ?? '';
        versions.set(name, (versions.get(name) ?? new Set()).add(text));
      }
    }
    for (const [name, all] of versions) expect([...all], name).to.have.lengthOf(1);
  });
});
