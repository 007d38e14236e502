import { expect } from 'chai';
import fc from 'fast-check';
import { parse } from 'yaml';
import { glob, ownName, shellWord, tagName, yaml, yamlList } from '../../../../../src/config/init/ci/common-parts.js';
import { execFileSync } from 'node:child_process';
import { pipelineFacts } from '../../../../support/pipelines.js';

describe('what every pipeline is filled with', () => {
  it('writes any text so that YAML 1.1 and 1.2 read the same text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), (text) => {
        fc.pre(!/[\p{Cc}]/u.test(text));
        for (const version of ['1.1', '1.2'] as const) {
          expect(parse(`a:\n  key: ${yaml(text)}\n`, { version })).to.deep.equal({ a: { key: text } });
        }
      }),
    );
  });

  it('writes a list a line each', () => expect(yamlList(['on', 'b'], '  ')).to.equal("  - 'on'\n  - b"));

  it('takes their meaning from the characters of patterns', () => {
    expect(glob("a b/[new]*?+!{x}/it's")).to.equal("a b/\\[new\\]\\*\\?\\+\\!\\{x\\}/it's");
  });

  it('quotes a word so that a shell reads the same word', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), (text) => {
        fc.pre(!text.includes('\0'));
        expect(execFileSync('sh', ['-c', `printf %s ${shellWord(text)}`], { encoding: 'utf8' })).to.equal(text);
      }),
      { numRuns: 30 },
    );
    expect(shellWord('plain/word-1.2')).to.equal('plain/word-1.2');
  });

  it('names a project that has neighbours, and its tags, by its own name', () => {
    const neighbour = pipelineFacts(undefined, { folder: 'pipelines/churn', slug: 'churn' });
    expect([ownName(pipelineFacts()), ownName(neighbour)]).to.deep.equal(['kdeploy', 'kdeploy-churn']);
    expect([tagName(pipelineFacts(), 'TAG'), tagName(neighbour, 'TAG')]).to.deep.equal(['"$TAG"', '"${TAG#churn-}"']);
  });
});
