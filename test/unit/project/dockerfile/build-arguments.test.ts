import { expect } from 'chai';
import { buildArguments } from '../../../../src/project/dockerfile/build-arguments.js';

describe('the build arguments', () => {
  const nothing = { uid: null, gid: null, baseImage: undefined, args: {}, environment: {} };
  const user = { uid: 1000, gid: 1001 };

  it('are those that kedro docker passes', () => {
    expect(buildArguments({ ...nothing, baseImage: 'python:3.12-slim' }, user)).to.deep.equal({
      KEDRO_UID: '1000',
      KEDRO_GID: '1001',
      BASE_IMAGE: 'python:3.12-slim',
    });
    expect(buildArguments(nothing, user)).not.to.have.property('BASE_IMAGE');
  });

  it('are then the user’s own, which win', () => {
    const args = { KEDRO_UID: '7', INDEX: null, MISSING: null, EMPTY: '' };
    expect(buildArguments({ ...nothing, args, environment: { INDEX: 'https://i' } }, user)).to.deep.equal({
      KEDRO_UID: '7',
      KEDRO_GID: '1001',
      INDEX: 'https://i',
      EMPTY: '',
    });
  });
});
