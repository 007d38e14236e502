import { expect } from 'chai';
import { proxyAsGo } from '../../../src/network/proxy-as-go.js';

describe('the proxy of docker', () => {
  const PROXY = 'http://proxy.acme.io:3128';
  const R = 'https://r.acme.io';
  const past = (NO_PROXY: string) => ({ HTTPS_PROXY: PROXY, HTTP_PROXY: PROXY, NO_PROXY });
  const cases: readonly [address: string, environment: NodeJS.ProcessEnv, isAsked: boolean][] = [
    [R, {}, false],
    [R, { HTTPS_PROXY: PROXY }, true],
    [R, { https_proxy: PROXY }, true],
    [R, { https_proxy: 'http://other', HTTPS_PROXY: PROXY }, true],
    [R, { https_proxy: PROXY, HTTPS_PROXY: '' }, true],
    [R, { HTTPS_PROXY: 'proxy.acme.io:3128' }, true],
    [R, { HTTP_PROXY: PROXY }, false],
    [R, { ALL_PROXY: PROXY }, false],
    ['http://r.acme.io', { HTTP_PROXY: PROXY }, true],
    ['http://r.acme.io', { HTTPS_PROXY: PROXY }, false],
    ['http://localhost:5000', past(''), false],
    ['http://127.0.0.1:5000', past(''), false],
    ['http://[::1]:5000', past(''), false],
    [R, past('*'), false],
    [R, past('other.io, *'), false],
    [R, past('acme.io'), false],
    [R, past(' ACME.io ,'), false],
    [R, past('r.acme.io'), false],
    [R, past('.acme.io'), false],
    [R, past('*.acme.io'), false],
    ['https://acme.io', past('.acme.io'), true],
    ['https://acme.io', past('*.acme.io'), true],
    ['https://acme.io', past('acme.io'), false],
    ['https://racme.io', past('acme.io'), true],
    ['https://acme.io.example.com', past('acme.io'), true],
    [R, past('acme.io:443'), false],
    [R, past('acme.io:5000'), true],
    ['https://r.acme.io:5000', past('acme.io:5000'), false],
    ['http://r.acme.io', past('acme.io:80'), false],
    ['https://10.1.2.3', past('10.0.0.0/8'), false],
    ['https://11.1.2.3', past('10.0.0.0/8'), true],
    ['https://10.1.2.3', past('10.0.0.0/99'), true],
    ['https://10.1.2.3', past('10.1.2.3'), false],
    ['https://10.1.2.3:5000', past('10.1.2.3:5000'), false],
    ['https://10.1.2.3:5000', past('10.1.2.3:5001'), true],
    ['https://110.1.2.3', past('10.1.2.3'), true],
    ['https://[fd00::5]', past('fd00::/8'), false],
    ['https://[fd00::5]', past('fd00:0:0::5'), false],
    ['https://[fd00::5]:5000', past('[fd00::5]:5000'), false],
    ['https://[fd00::5]', past('fe00::/8'), true],
    [R, past('10.0.0.0/8,:443,['), true],
    [R, { HTTPS_PROXY: PROXY, no_proxy: 'acme.io' }, false],
    [R, { HTTPS_PROXY: PROXY, no_proxy: 'acme.io', NO_PROXY: 'other.io' }, true],
  ];
  for (const [address, environment, isAsked] of cases) {
    it(`is ${isAsked ? '' : 'not '}asked for ${address} with ${JSON.stringify(environment)}`, () => {
      expect(proxyAsGo(new URL(address), environment)?.href).to.equal(isAsked ? `${PROXY}/` : undefined);
    });
  }

  it('is one for HTTP, and its password is shown nowhere', () => {
    expect(() => proxyAsGo(new URL(R), { HTTPS_PROXY: 'socks5://me:hunter2-secret@proxy:1080' }))
      .to.throw(/^HTTPS_PROXY names .*, which is not an HTTP proxy$/)
      .with.property('message')
      .that.does.not.contain('hunter2');
  });
});
