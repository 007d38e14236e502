import { expect } from 'chai';
import { parseReference } from '../../../src/image/reference.js';
import { lostRuns } from '../../../src/publish/lost-runs.js';

describe('the runs of a pushed image', () => {
  const severity = (trackingUri: string | undefined, name: string) =>
    lostRuns({ trackingUri }, parseReference(name))?.severity;
  const ELSEWHERE = 'registry.example.com/app:v1';
  const HERE = '127.0.0.1:5000/app:v1';

  for (const uri of [
    'http://localhost:5000',
    'http://127.0.0.1',
    'http://[::1]:5000',
    'http://host.docker.internal:5000',
  ]) {
    it(`are lost with ${uri} where the image leaves this machine, and may be where it stays`, () => {
      expect([severity(uri, ELSEWHERE), severity(uri, HERE)]).to.deep.equal(['error', 'warning']);
      expect(severity(uri, 'acme/app:v1')).to.equal('error');
      expect(severity(uri, 'app:v1'), 'a bare name is for the engine alone').to.equal('warning');
    });
  }

  for (const uri of ['mlruns', 'file:///mlruns', 'sqlite:///m.db']) {
    it(`are lost with ${uri} anywhere`, () => {
      expect([severity(uri, ELSEWHERE), severity(uri, HERE)]).to.deep.equal(['error', 'error']);
    });
  }

  for (const uri of [
    'https://mlflow.example.com',
    'http://localhost.example.com',
    'databricks',
    'postgresql://db/m',
    undefined,
  ]) {
    it(`are kept with ${uri ?? 'no tracking'}, as far as it can be told`, () => {
      expect([severity(uri, ELSEWHERE), severity(uri, HERE)]).to.deep.equal([undefined, undefined]);
    });
  }
});
