import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { findGoogleCredentials } from '../../../src/authentication/google-credentials.js';
import { everythingIn } from '../../support/everything-in.js';
import { rejection } from '../../support/rejection.js';
import { TemporaryFolder } from '../temporary-folder.js';

/** The runtime's tests read the same file (test/runtime/test_google_tokens.py). */
const FILES = JSON.parse(
  readFileSync(new URL('../../fixtures/google-credentials.json', import.meta.url), 'utf8'),
) as readonly (readonly [content: unknown, problem: string | null])[];

describe('a file with Google credentials', () => {
  let folder: TemporaryFolder;

  beforeEach(async () => {
    folder = await TemporaryFolder.create();
  });

  afterEach(() => folder.remove());

  for (const [content, problem] of FILES) {
    const text = typeof content === 'string' ? content : JSON.stringify(content);
    it(`${problem ?? 'can issue ID tokens'}: ${text.replaceAll('hunter2', '…').slice(0, 100)}`, async () => {
      await folder.write({ 'credentials.json': text });
      const found = findGoogleCredentials({ GOOGLE_APPLICATION_CREDENTIALS: folder.file('credentials.json') });
      if (problem === null) {
        expect(await found).to.have.property('kind', (content as { type: string }).type);
        return;
      }
      const error = await rejection(found);
      expect(error.code).to.equal('credentials');
      expect(error.message).to.contain(
        `the Google credentials file ${folder.file('credentials.json')} (named by GOOGLE_APPLICATION_CREDENTIALS) ${problem}`,
      );
      expect(error.hint).not.to.equal(undefined);
      expect(everythingIn(error)).not.to.contain('hunter2');
    });
  }
});
