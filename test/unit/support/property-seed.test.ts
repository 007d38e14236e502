import { expect } from 'chai';
import fc from 'fast-check';
import { PROPERTY_SEED } from '../../support/property-seed.js';

describe('properties', () => {
  it('are tried with the same inputs in every run', () => {
    expect(fc.check(fc.property(fc.integer(), () => true)).seed).to.equal(PROPERTY_SEED);
  });
});
