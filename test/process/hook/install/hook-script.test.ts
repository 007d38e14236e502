import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import fc from 'fast-check';
import {
  authorOf,
  hasWindowsLineEndings,
  renderHookScript,
  shellQuoted,
} from '../../../../src/hook/install/hook-script.js';
import { templatePath } from '../../../../src/template-files.js';

const template = readFileSync(templatePath('pre-push'), 'utf8');
const programs = { node: '/opt/node', kdeploy: '/opt/kdeploy/bin/run.js', projectKdeploy: '' };

describe('the hook’s script', () => {
  it('has every place filled', () => {
    const script = renderHookScript(template, programs);
    expect(script).not.to.contain('{{');
    expect(script).to.contain("\nrecorded_node='/opt/node'\nrecorded_kdeploy='/opt/kdeploy/bin/run.js'\n");
    expect(script).to.contain("\nproject_kdeploy=''\n");
    expect(script.startsWith('#!/bin/sh\n')).to.equal(true);
  });

  it('has no carriage return, which a shell takes for part of a word', () => {
    expect(template).not.to.contain('\r');
  });

  it('gives the shell back whatever was quoted', () => {
    const word = fc.string({ unit: 'grapheme', maxLength: 40 }).filter((text) => !text.includes('\0'));
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 8 }), (words) => {
        const command = `printf '%s\\0' ${words.map(shellQuoted).join(' ')}`;
        expect(execFileSync('sh', ['-c', command], { encoding: 'utf8' })).to.equal(`${words.join('\0')}\0`);
      }),
      { numRuns: 40 },
    );
  });

  it('is one word of a shell where it has quotes', () => {
    expect(shellQuoted("it's")).to.equal(String.raw`'it'\''s'`);
  });

  it('is known again whatever the paths are, the pattern signs of JavaScript’s own replacement among them', () => {
    for (const node of ["/o'dd", '/$& $1 $$', '/{{checksum}}', "/'{{kdeploy}}'", '/ü']) {
      const script = renderHookScript(template, { ...programs, node });
      expect(authorOf(script), node).to.equal('kdeploy');
      expect(script).to.contain(`recorded_node=${shellQuoted(node)}\n`);
    }
  });

  it('is known to be edited by any change, if only of one byte', () => {
    const script = renderHookScript(template, programs);
    fc.assert(
      fc.property(fc.nat(script.length - 1), fc.constantFrom('x', '\n', ' '), (at, inserted) => {
        const changed = script.slice(0, at) + inserted + script.slice(at);
        if (changed !== script) expect(authorOf(changed)).not.to.equal('kdeploy');
      }),
    );
    expect(authorOf(script.replace('exit 3', 'exit 0'))).to.equal('kdeploy-edited');
  });

  it('is not edited by a checkout that gives it Windows line endings', () => {
    const script = renderHookScript(template, programs).replaceAll('\n', '\r\n');
    expect(authorOf(script)).to.equal('kdeploy');
    expect(hasWindowsLineEndings(script)).to.equal(true);
    expect(authorOf(script.replace('exit 3', 'exit 0'))).to.equal('kdeploy-edited');
    expect(hasWindowsLineEndings('# words\n#!/bin/sh\r\n')).to.equal(false);
    expect(hasWindowsLineEndings('#!/bin/sh\nprintf "\r\n"\r\n')).to.equal(false);
  });

  const foreign = [
    '',
    '#!/bin/sh\nkdeploy hook run "$@"\n',
    '# kdeploy-hook sha256:\n',
    '# kdeploy-hook sha256:12ab\n',
  ];
  for (const text of foreign) {
    it(`is not seen in ${JSON.stringify(text)}`, () => expect(authorOf(text)).to.equal('foreign'));
  }
});
