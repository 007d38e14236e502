import { expect } from 'chai';
import { noteInstalledHook, noteWarnings, notePlatform } from '../../../src/ui/notes.js';
import { RecordingProgress } from '../recording-progress.js';
import { platformOf } from '../../../src/image/platform.js';

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

describe('the note on the platform', () => {
  const noted = (platform: string, architecture: string, builder: 'kedro' | 'layers' = 'kedro'): string[] => {
    const progress = new RecordingProgress();
    notePlatform({ platform, builder }, progress, platformOf('linux', architecture));
    return progress.said;
  };

  it('says that an image for another kind of machine is slow to build here, and how to have one for this kind', () => {
    expect(noted('linux/amd64', 'arm64')).to.deep.equal([
      'note the image is built for linux/amd64, but this machine is linux/arm64: the build is emulated, and slow. ' +
        'If the cluster is linux/arm64 too: --platform linux/arm64',
    ]);
  });

  it('says only that it runs slowly here where nothing of it is started to build it', () => {
    expect(noted('linux/arm64', 'amd64', 'layers').join())
      .to.include('runs here only emulated')
      .and.not.include('slow');
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
