import { expect } from 'chai';
import { noteInstalledHook } from '../../../src/ui/installed-hook.js';
import { RecordingProgress } from '../recording-progress.js';

const NEXT = [
  'note next:',
  'note   git push  # checks the Kedro projects in the commits that you push',
  'note   git push --no-verify  # skips the check once; or set KDEPLOY_SKIP_HOOK=1',
  'note   kdeploy hook uninstall  # removes the hook',
];

describe('what is said of an installed hook', () => {
  const said = (action: 'installed' | 'unchanged', notes: readonly string[]) => {
    const progress = new RecordingProgress();
    noteInstalledHook({ hook: '.git/hooks/pre-push', action, earlierHook: null, notes }, progress);
    return progress.said;
  };

  it('is what the user may not expect, and what comes next', () => {
    expect(said('installed', ['it can be committed'])).to.deep.equal([
      'note hook installed: an error in a Kedro project stops the push',
      'note it can be committed',
      ...NEXT,
    ]);
  });

  it('is, where it was installed already, that there is nothing to do', () => {
    expect(said('unchanged', [])).to.deep.equal([
      'note the hook is already installed (.git/hooks/pre-push); nothing to do',
      ...NEXT,
    ]);
  });
});
