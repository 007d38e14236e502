import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { ROOMS } from '../../../eslint.rooms.js';
import { anchors, readDocument, root, section, withoutCode } from './documents.js';

const architecture = readDocument('docs/architecture.md');

const PAGES = [
  'README.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  'docs/guide.md',
  'docs/checks.md',
  ...readdirSync(path.join(root, 'docs/checks')).map((file) => `docs/checks/${file}`),
  'docs/reference.md',
  'docs/architecture.md',
];

describe('the documents', () => {
  for (const page of PAGES) {
    it(`${page} links only to what is there`, () => {
      for (const [, target = ''] of withoutCode(readDocument(page)).matchAll(/\]\(([^)\s]+)\)/g)) {
        if (target.startsWith('https:')) continue;
        const [file = '', anchor] = target.split('#');
        const linked = file === '' ? page : path.posix.join(path.posix.dirname(page), file);
        expect(existsSync(path.join(root, linked)), target).to.equal(true);
        if (anchor !== undefined) expect(anchors(readDocument(linked)), target).to.include(anchor);
      }
    });
  }

  it('architecture.md has a row for every folder of src', () => {
    const rows = [...section(architecture, '## Source folders').matchAll(/^\| `([\w/-]+)\/`/gm)].map(
      ([, room]) => room,
    );
    expect(rows).to.have.members(Object.keys(ROOMS));
  });

  it('architecture.md has a row for every folder of the runtime', () => {
    const runtime = path.join(root, 'templates/runtime/kdeploy_runtime');
    const entries = readdirSync(runtime, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    const folders = entries.map(({ name }) => name).filter((name) => !name.startsWith('__'));
    const text = section(architecture, '## The runtime in the image');
    expect([...text.matchAll(/^\| `(\w+)\/`/gm)].map(([, folder]) => folder)).to.have.members(folders);
    for (const [, file = ''] of text.matchAll(/`([\w/]+\.py)`/g)) {
      const isThere = ['', 'shared_run/'].some((folder) => existsSync(path.join(runtime, folder, file)));
      expect(isThere, file).to.equal(true);
    }
  });

  it('architecture.md names only files that are there', () => {
    const named = [...architecture.matchAll(/`((?:src|templates|test|schema)\/[\w./-]+)`/g)];
    for (const [, file] of named) expect(existsSync(path.join(root, file ?? '')), file).to.equal(true);
  });
});
