import { expect } from 'chai';
import { experimentOptionsOf } from '../../../../src/project/tracking/experiment-options.js';

describe('what mlflow.yml says of its experiment', () => {
  const NOTHING = { artifactLocation: undefined, tags: undefined, restoreIfDeleted: undefined };

  it('is where artifacts go, its tags, and whether it is restored', () => {
    const kwargs = { artifact_location: 's3://bucket', tags: { team: 'ml' } };
    const experiment = { name: 'flights', create_experiment_kwargs: kwargs, restore_if_deleted: false };
    expect(experimentOptionsOf({ tracking: { experiment } })).to.deep.equal({
      artifactLocation: 's3://bucket',
      tags: { team: 'ml' },
      restoreIfDeleted: false,
    });
  });

  const silent: readonly [what: string, document: Record<string, unknown> | undefined][] = [
    ['no file', undefined],
    ['an empty one', {}],
    ['nulls', { tracking: { experiment: { create_experiment_kwargs: null, restore_if_deleted: null } } }],
    ['null in its place', { tracking: { experiment: { create_experiment_kwargs: { artifact_location: null } } } }],
    ['a list or a text for a section', { tracking: ['experiment'] }],
    ['the same keys elsewhere', { experiment: { restore_if_deleted: false } }],
  ];
  for (const [what, document] of silent) {
    it(`is nothing with ${what}`, () => {
      expect(experimentOptionsOf(document)).to.deep.equal(NOTHING);
    });
  }
});
