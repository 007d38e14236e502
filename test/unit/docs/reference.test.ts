import { expect } from 'chai';
import { commandReference } from '../../../scripts/write-reference.js';
import { readDocument } from './documents.js';

describe('the command reference', () => {
  it('is what the commands say (if not: npm run docs)', async () => {
    expect(readDocument('docs/reference.md')).to.equal(await commandReference());
  });

  it('leaves no template of oclif unfilled', async () => {
    expect(await commandReference()).not.to.contain('<%');
  });
});
