import { expect } from 'chai';

import { ensurePackages, needCommand } from '../support/environment/packages.js';
import { startRegistry, type Registry } from '../support/environment/registry.js';
import { startRegistryProxy, type RegistryProxy } from '../support/registry-proxy.js';
import { ensureProgram } from '../support/registries/programs.js';
import { Promotion } from '../support/registries/promotion.js';
import { CREDENTIALS } from '../support/registries/registries.js';
import type { SampleImage } from '../support/registries/sample-images.js';
import { TokenServer } from '../support/registries/token-server.js';

const IDENTITY_TOKEN = 'planted-identity-token';
const [PULL, PUSH] = ['repository:team/app:pull', 'repository:prod/app:pull,push'];

/** The oldest and the newest that check tokens themselves. */
const PROGRAMS: Readonly<Record<string, () => Promise<string | undefined>>> = {
  'docker-registry 2.8': async () => {
    await ensurePackages([needCommand('docker-registry', 'docker-registry')]);
    return undefined;
  },
  'distribution v3': () => ensureProgram('registry'),
};

for (const [name, program] of Object.entries(PROGRAMS)) {
  describe(`a copy within ${name}, which wants tokens,`, () => {
    let promotion: Promotion;
    let tokens: TokenServer;
    let registry: Registry;
    /** The same registry under another name, so that nothing is mounted. */
    let other: RegistryProxy;
    let image: SampleImage;
    let old: SampleImage;

    before(async () => {
      promotion = await Promotion.start();
      tokens = await TokenServer.start({ ...CREDENTIALS, identityToken: IDENTITY_TOKEN });
      const found = await program();
      registry = await startRegistry({ tokens: tokens.issuer, ...(found !== undefined && { program: found }) });
      other = await startRegistryProxy(registry.address);
    });
    beforeEach(async () => {
      for (const address of [registry.address, other.address]) await promotion.login(address, CREDENTIALS);
      [image, old] = [
        await promotion.samples.image(`new ${tokens.issued.length}`),
        await promotion.samples.image(`old ${tokens.issued.length}`),
      ];
      await promotion.given(image, `${registry.address}/team/app:v1`);
      await promotion.given(old, `${registry.address}/prod/app:stable`);
      tokens.issued.splice(0);
    });
    afterEach(async () => {
      other.decide = () => 'pass';
      Object.assign(tokens, { promisedSeconds: 300, honouredSeconds: 300, redirect: undefined });
      tokens.grants = (scopes) => scopes;
      await promotion.login(registry.address, CREDENTIALS);
      expect(await promotion.digest(`${registry.address}/prod/app:stable`)).to.be.oneOf([image.digest, old.digest]);
    });
    after(async () => {
      await other.stop();
      await registry.stop();
      await tokens.stop();
      await promotion.remove();
    });

    const [source, target] = [() => `${registry.address}/team/app:v1`, () => `${registry.address}/prod/app:stable`];

    it('asks for one that is good for both repositories, and has the blobs mounted', async () => {
      expect(await promotion.pushed(source(), target())).to.equal('2 mounted');
      expect(tokens.issued.some((scopes) => scopes.includes(PUSH) && scopes.includes(PULL))).to.equal(true);
      await promotion.judge(target(), image);
    });

    it('sends the blobs where no token is given for both', async () => {
      tokens.grants = (scopes) => (scopes.length > 1 ? scopes.filter((scope) => scope !== PULL) : scopes);
      expect(await promotion.pushed(source(), target())).to.equal('2 sent');
      await promotion.judge(target(), image);
    });

    it('gets others where they expire half way, much earlier than was said', async () => {
      tokens.honouredSeconds = 2;
      let isFirst = true;
      other.decide = ({ method, path }) => {
        if (method !== 'PUT' || !path.includes('/uploads/') || !isFirst) return 'pass';
        isFirst = false;
        return { delayMs: 4000 };
      };
      expect(await promotion.pushed(source(), `${other.address}/prod/app:stable`)).to.equal('2 sent');
      expect(tokens.issued.filter(([scope]) => scope === PUSH).length).to.be.at.least(2);
      await promotion.judge(target(), image);
    });

    it('gets others in time where they are said to expire soon', async () => {
      [tokens.promisedSeconds, tokens.honouredSeconds] = [3, 3];
      other.decide = ({ method }) => (method === 'POST' ? { delayMs: 2500 } : 'pass');
      expect(await promotion.pushed(source(), `${other.address}/prod/app:stable`)).to.equal('2 sent');
      expect(tokens.issued.filter(([scope]) => scope === PUSH).length).to.be.at.least(2);
    });

    it('works with the refresh token of a login', async () => {
      await promotion.loginByToken(registry.address, IDENTITY_TOKEN);
      expect(await promotion.pushed(source(), target())).to.equal('2 mounted');
    });

    it('fails where the token server does not know the password, and the tag stays', async () => {
      await promotion.login(registry.address, { ...CREDENTIALS, password: 'planted-wrong' });
      const { exitCode, stderr } = await promotion.push(source(), target());
      expect(exitCode, stderr).to.equal(3);
      expect(stderr).to.contain('rejected the credentials from auths (');
      await promotion.login(registry.address, CREDENTIALS);
      expect(await promotion.digest(target())).to.equal(old.digest);
    });

    it('fails where the user may only pull, and the tag stays', async () => {
      tokens.grants = (scopes) => scopes.map((scope) => scope.replace('pull,push', 'pull'));
      const { exitCode, stderr } = await promotion.push(source(), target());
      expect(exitCode, stderr).to.equal(3);
      expect(await promotion.digest(target())).to.equal(old.digest);
    });

    it('gives no password to whom the token server sends it', async () => {
      const elsewhere = await startRegistryProxy(registry.address);
      elsewhere.decide = () => ({ status: 401, headers: { 'www-authenticate': 'Basic realm="here"' }, body: '' });
      try {
        tokens.redirect = `http://${elsewhere.address}/token`;
        expect((await promotion.push(source(), target())).exitCode).to.equal(3);
        expect(elsewhere.log).not.to.have.length(0);
        await promotion.loginByToken(registry.address, IDENTITY_TOKEN);
        expect((await promotion.push(source(), target())).exitCode).to.equal(3);
        expect(elsewhere.log.filter(({ method }) => method === 'POST')).to.have.length(0);
        for (const { headers, path } of elsewhere.log) {
          expect(headers).not.to.have.any.keys('authorization', 'cookie');
          expect(path).not.to.contain('planted');
        }
      } finally {
        await elsewhere.stop();
      }
    });
  });
}
