import { expect } from 'chai';
import { noteWarnings } from '../../../src/ui/settings-warnings.js';
import { RecordingProgress } from '../recording-progress.js';

describe('the warnings of the configuration’s reader', () => {
  it('are noted with where they stand and what to do', () => {
    const progress = new RecordingProgress();
    const warnings = [
      { where: 'conf/base/kdeploy.yml:7', message: 'unknown key', remedy: 'did you mean "image"?' },
      { where: 'KDEPLOY_IMGE', message: 'is not known' },
    ];
    noteWarnings(warnings, progress);
    expect(progress.said).to.deep.equal([
      'note conf/base/kdeploy.yml:7: warning: unknown key; did you mean "image"?',
      'note KDEPLOY_IMGE: warning: is not known',
    ]);
  });
});
