import { expect } from 'chai';
import type { Host } from '../../../src/authentication/authentication.js';
import { tokenFile, type TokenFileSettings } from '../../../src/authentication/token-file.js';
import { rejection } from '../../support/rejection.js';
import { TemporaryFolder } from '../temporary-folder.js';

const settings = (path: string, header: TokenFileSettings['header'] = 'Authorization'): TokenFileSettings => ({
  type: 'TokenFile',
  path,
  header,
});

const host = {
  environment: {},
  fetch: () => Promise.reject(new Error('a server was asked')),
} satisfies Host;

describe('authentication by TokenFile', () => {
  for (const path of ['/var/run/secrets/tokens/mlflow', '/token']) {
    it(`is fine with ${path}`, () => {
      expect(tokenFile.problems(settings(path))).to.deep.equal([]);
    });
  }

  for (const path of ['', 'token', './token', '~/token', 'C:\\token', ' /token']) {
    it(`refuses ${JSON.stringify(path)}, which the container would look for wherever it happens to be`, () => {
      expect(tokenFile.problems(settings(path))).to.deep.equal([
        {
          severity: 'error',
          message: 'TokenFile: the path is not absolute',
          remedy: 'use the path of the token in the container: /var/run/secrets/tokens/mlflow',
        },
      ]);
    });
  }

  it('does not repeat a token that was put where its path belongs', () => {
    expect(JSON.stringify(tokenFile.problems(settings('hunter2-token')))).not.to.contain('hunter2');
  });

  it('bakes where the token is and the header that carries it, and signs requests', () => {
    expect(tokenFile.baked(settings('/token', 'Proxy-Authorization'))).to.deep.equal({
      type: 'TokenFile',
      path: '/token',
      header: 'Proxy-Authorization',
    });
    expect(tokenFile.signsRequests).to.equal(true);
    expect(tokenFile.variables(settings('/token'))).to.deep.equal([]);
  });

  describe('as this machine would send it', () => {
    let folder: TemporaryFolder;

    beforeEach(async () => {
      folder = await (await TemporaryFolder.create()).write({ token: 'hunter2-first\n' });
    });

    afterEach(async () => folder.remove());

    for (const header of ['Authorization', 'Proxy-Authorization'] as const) {
      it(`is the token in ${header}`, async () => {
        expect(await tokenFile.requestHeaders(settings(folder.file('token'), header), host)).to.deep.equal({
          [header]: 'Bearer hunter2-first',
        });
      });
    }

    it('is the new token as soon as somebody wrote one', async () => {
      await tokenFile.requestHeaders(settings(folder.file('token')), host);
      await folder.write({ token: 'hunter2-second' });
      expect(await tokenFile.requestHeaders(settings(folder.file('token')), host)).to.deep.equal({
        Authorization: 'Bearer hunter2-second',
      });
    });

    const flawed: readonly [content: string, flaw: string][] = [
      ['"hunter2"\n', 'is in quotation marks'],
      ['hunter2…', 'contains a character that no HTTP header can carry'],
      ['Bearer hunter2', 'contains more than one word'],
    ];
    for (const [content, flaw] of flawed) {
      it(`is nothing from a file whose text ${flaw}`, async () => {
        await folder.write({ token: content });
        const error = await rejection(tokenFile.requestHeaders(settings(folder.file('token')), host));
        expect(error.message).to.equal(`the token file ${folder.file('token')} ${flaw}`);
        expect(JSON.stringify(error)).not.to.contain('hunter2');
      });
    }

    it('is nothing without the file, which is named', async () => {
      const error = await rejection(tokenFile.requestHeaders(settings(folder.file('nowhere')), host));
      expect(error.code).to.equal('credentials');
      expect(error.message).to.equal(`the token file ${folder.file('nowhere')} cannot be read on this machine`);
    });
  });
});
