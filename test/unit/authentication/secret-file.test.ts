import { expect } from 'chai';
import { readSecretFile } from '../../../src/authentication/secret-file.js';
import { everythingIn } from '../../support/everything-in.js';
import { rejection } from '../../support/rejection.js';
import { TemporaryFolder } from '../temporary-folder.js';

describe('a file that holds a secret', () => {
  let folder: TemporaryFolder;

  beforeEach(async () => {
    folder = await TemporaryFolder.create();
  });

  afterEach(async () => folder.remove());

  const read = async (content: string | Buffer): Promise<string> => {
    await folder.write({ 'client-secret': content });
    return readSecretFile(folder.file('client-secret'), 'the client secret');
  };

  for (const content of ['hunter2-secret', 'hunter2-secret\n', 'hunter2-secret\r\n', '\n  hunter2-secret\t\n']) {
    it(`holds it without the white space around it (${JSON.stringify(content)})`, async () => {
      expect(await read(content)).to.equal('hunter2-secret');
    });
  }

  for (const content of ['', '\n', ' \t\r\n']) {
    it(`is empty with ${JSON.stringify(content)} in it`, async () => {
      const error = await rejection(read(content));
      expect(error).to.include({
        code: 'credentials',
        message: `the client secret ${folder.file('client-secret')} is empty`,
        hint: 'check what writes the file',
      });
    });
  }

  for (const content of ['client_secret: hunter2-secret', 'hunter2-one\nhunter2-two\n', 'hunter2-one\thunter2-two']) {
    it(`is none with more than a secret in it (${JSON.stringify(content.replaceAll('hunter2', '…'))}), as in the container`, async () => {
      const error = await rejection(read(content));
      expect(error).to.include({
        code: 'credentials',
        message: `the client secret ${folder.file('client-secret')} contains more than one word`,
      });
      expect(everythingIn(error)).not.to.contain('hunter2');
    });
  }

  const unreadable: readonly [what: string, file: string, reason: string][] = [
    ['that is not there', 'nowhere', 'ENOENT'],
    ['that is a folder', '.', 'EISDIR'],
  ];
  for (const [what, file, reason] of unreadable) {
    it(`${what} is named, with the system’s reason`, async () => {
      const error = await rejection(readSecretFile(folder.file(file), 'the token file'));
      expect(error).to.include({
        code: 'credentials',
        message: `the token file ${folder.file(file)} cannot be read on this machine`,
        hint: 'it is mounted in the cluster; to test it here, create the file',
      });
      expect(error.cause).to.have.property('code', reason);
    });
  }
});
