import { expect } from 'chai';
import { imageTrackingUri } from '../../../src/image/tracking-uri.js';

const LABELS = { 'io.kdeploy.tracking-uri': 'https://mlflow.example.com' };

describe('the tracking URI of an image', () => {
  it('is the one that was baked', () => {
    const run = { labels: LABELS, env: ['MLFLOW_TRACKING_URI=https://mlflow.example.com'] };
    expect(imageTrackingUri(run)).to.equal('https://mlflow.example.com');
  });

  it('is that of the variable where somebody set another one after the build', () => {
    for (const uri of ['http://localhost:5000', '']) {
      const run = { labels: LABELS, env: [`MLFLOW_TRACKING_URI=${uri}`] };
      expect(imageTrackingUri(run), uri).to.equal(uri);
    }
  });

  it('is the label’s where nothing is set', () => {
    const run = { labels: LABELS, env: ['PATH=/bin'] };
    expect(imageTrackingUri(run)).to.equal('https://mlflow.example.com');
  });

  it('is none for an image without tracking, whose variables are the project’s own', () => {
    for (const labels of [{}, { 'io.kdeploy.tracking-uri': '' }]) {
      const run = { labels, env: ['MLFLOW_TRACKING_URI=http://mine'] };
      expect(imageTrackingUri(run)).to.equal(undefined);
    }
  });
});
