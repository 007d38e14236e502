import { expect } from 'chai';
import { PROBES } from '../../../src/doctor/probes.js';

describe('the probes of kdeploy doctor', () => {
  it('have ids that scripts look for: they are only ever added to', () => {
    const ids = ['engine', 'kedro', 'registry', 'google', 'mlflow', 'hook', 'uv', 'kdeploy'];
    expect(PROBES.map(({ id }) => id)).to.deep.equal(ids);
  });

  it('have titles that tell them apart', () => {
    expect(new Set(PROBES.map(({ title }) => title)).size).to.equal(PROBES.length);
  });
});
