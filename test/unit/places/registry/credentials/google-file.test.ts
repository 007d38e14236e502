import { expect } from 'chai';
import { findGoogleFile } from '../../../../../src/places/registry/credentials/google-file.js';
import { rejection } from '../../../../support/rejection.js';
import { TemporaryFolder } from '../../../temporary-folder.js';

describe('the file with Google credentials', () => {
  let folder: TemporaryFolder;

  beforeEach(async () => {
    folder = await TemporaryFolder.create();
    await folder.write({
      'named.json': '{"type": "named"}',
      'gcloud/application_default_credentials.json': '{"type": "gcloud"}',
      'home/.config/gcloud/application_default_credentials.json': '{"type": "home"}',
    });
  });

  afterEach(() => folder.remove());

  const typeFor = async (environment: NodeJS.ProcessEnv) => (await findGoogleFile(environment))?.info.type;

  it('is the one that is named, else the one that gcloud left', async () => {
    const [named, gcloud, home] = [folder.file('named.json'), folder.file('gcloud'), folder.file('home')];
    const everything = { GOOGLE_APPLICATION_CREDENTIALS: named, CLOUDSDK_CONFIG: gcloud, HOME: home };
    expect(await typeFor(everything)).to.equal('named');
    expect(await typeFor({ ...everything, GOOGLE_APPLICATION_CREDENTIALS: '' })).to.equal('gcloud');
    expect(await typeFor({ HOME: home })).to.equal('home');
  });

  it('is none where gcloud left none, whose absence is no problem', async () => {
    expect(await findGoogleFile({ CLOUDSDK_CONFIG: folder.file('nowhere') })).to.equal(undefined);
  });

  const unreadable: readonly [name: string, reason: string][] = [
    ['nowhere.json', 'no such file or directory'],
    ['named.json/x', 'not a directory'],
    ['gcloud', 'illegal operation on a directory'],
  ];
  for (const [name, reason] of unreadable) {
    it(`is named with the reason where it cannot be read (${reason})`, async () => {
      const file = folder.file(name);
      expect(await rejection(findGoogleFile({ GOOGLE_APPLICATION_CREDENTIALS: file }))).to.include({
        code: 'credentials',
        message: `the Google credentials file ${file} (named by GOOGLE_APPLICATION_CREDENTIALS) cannot be read: ${reason}`,
      });
    });
  }

  it('is not left out where gcloud left one that is broken', async () => {
    await folder.write({ 'gcloud/application_default_credentials.json': 'hunter2' });
    const error = await rejection(findGoogleFile({ CLOUDSDK_CONFIG: folder.file('gcloud') }));
    expect(error.message).to.match(/\(left by gcloud\) is not valid JSON$/);
  });
});
