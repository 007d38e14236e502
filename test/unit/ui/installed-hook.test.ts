import { expect } from 'chai';
import { tellOfHook } from '../../../src/ui/installed-hook.js';
import { RecordingProgress } from '../recording-progress.js';

const NEXT = [
  'note next:',
  'note   git push  # checks the Kedro projects in the commits that it pushes',
  'note   git push --no-verify  # once without the check; or KDEPLOY_SKIP_HOOK=1',
  'note   kdeploy hook uninstall  # to have no check any more',
];

describe('what is said of an installed hook', () => {
  const said = (action: 'installed' | 'unchanged', notes: readonly string[]) => {
    const progress = new RecordingProgress();
    tellOfHook({ hook: '.git/hooks/pre-push', action, earlierHook: null, notes }, progress);
    return progress.said;
  };

  it('is what the user may not expect, and what comes next', () => {
    expect(said('installed', ['it can be committed'])).to.deep.equal([
      'note the hook is installed: an error in a Kedro project stops the push',
      'note it can be committed',
      ...NEXT,
    ]);
  });

  it('is, where it was there already, that nothing was changed', () => {
    expect(said('unchanged', [])).to.deep.equal([
      'note pushes are checked already, by .git/hooks/pre-push; nothing was changed',
      ...NEXT,
    ]);
  });
});
