import { chmod } from 'node:fs/promises';
import { expect } from 'chai';
import { runUv } from '../../../../../src/builders/layers/resolve/run-uv.js';
import { TemporaryFolder } from '../../../../unit/temporary-folder.js';

describe('running uv', () => {
  let folder: TemporaryFolder;

  beforeEach(async () => (folder = await TemporaryFolder.create()));
  afterEach(async () => folder.remove());

  it('keeps its answer and its words apart, and takes away settings that would change what is asked', async () => {
    await folder.write({
      uv: '#!/bin/sh\necho "$*|$UV_FROZEN|$UV_PROJECT|$UV_INDEX|$UV_NO_DEV"\necho said >&2\nexit 3\n',
    });
    await chmod(folder.file('uv'), 0o755);
    const lines: string[] = [];
    const answer = await runUv({ program: folder.file('uv'), version: '0.9.5' }, ['export'], {
      folder: folder.path,
      environment: { PATH: process.env.PATH, UV_FROZEN: '1', UV_PROJECT: '/p', UV_NO_DEV: '0', UV_INDEX: 'kept' },
      signal: new AbortController().signal,
      onLine: (line) => lines.push(line),
    });
    expect(answer).to.deep.equal({
      exitCode: 3,
      output: 'export --color never --no-progress|||kept|',
      lines: ['said'],
    });
    expect(lines).to.deep.equal(['said']);
  });
});
