import { expect } from 'chai';
import { platformOf } from '../../../src/image/platform.js';
import { platformNote } from '../../../src/ui/platform-note.js';
import { RecordingProgress } from '../recording-progress.js';

describe('the note on the platform', () => {
  const noted = (platform: string, architecture: string): string[] => {
    const progress = new RecordingProgress();
    platformNote(platform, progress, platformOf('linux', architecture));
    return progress.said;
  };

  it('says that an image for another kind of machine is slow to build here, and how to have one for this kind', () => {
    expect(noted('linux/amd64', 'arm64')).to.deep.equal([
      'note the image is built for linux/amd64, but this machine is linux/arm64: the build is emulated, and slow. ' +
        'If the cluster is linux/arm64 too: --platform linux/arm64',
    ]);
  });

  for (const [platform, architecture] of [
    ['linux/amd64', 'amd64'],
    ['linux/x86_64', 'amd64'],
    ['linux/arm64/v8', 'arm64'],
  ] as const) {
    it(`says nothing of ${platform} on ${architecture}`, () => {
      expect(noted(platform, architecture)).to.deep.equal([]);
    });
  }
});
