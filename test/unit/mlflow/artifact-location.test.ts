import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { describeArtifactLocation, judgeArtifactLocation } from '../../../src/mlflow/artifact-location.js';

/** The runtime's tests read the same file (test/runtime/test_artifact_location.py). */
const CASES = JSON.parse(
  readFileSync(new URL('../../fixtures/artifact-locations.json', import.meta.url), 'utf8'),
) as readonly {
  readonly location: string;
  readonly kind: string;
  readonly packages?: readonly string[];
  readonly predicate?: string;
}[];

describe('where the artifacts of an experiment are stored', () => {
  for (const { location, kind, packages = [], predicate } of CASES) {
    it(`is ${kind} for ${JSON.stringify(location)}`, () => {
      const judged = judgeArtifactLocation(location);
      expect(judged.kind).to.equal(kind);
      expect(judged.kind === 'package' ? judged.packages : []).to.deep.equal(packages);
      const described = describeArtifactLocation(judged, packages);
      if (kind === 'served') expect(described).to.equal(undefined);
      if (predicate !== undefined)
        expect(described?.predicate).to.equal(predicate.replace('from the image', 'from the requirements'));
      if (kind === 'package') expect(describeArtifactLocation(judged, [])).to.equal(undefined);
    });
  }
});
