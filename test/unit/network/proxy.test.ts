import { expect } from 'chai';
import { proxyFor } from '../../../src/network/proxy.js';

describe('the proxy of requests', () => {
  const PROXY = 'http://proxy.acme.io:3128';
  const cases: readonly [address: string, environment: NodeJS.ProcessEnv, proxy: string | undefined][] = [
    ['https://mlflow.acme.io', {}, undefined],
    ['https://mlflow.acme.io', { HTTPS_PROXY: PROXY }, `${PROXY}/`],
    ['https://mlflow.acme.io', { https_proxy: PROXY }, `${PROXY}/`],
    ['https://mlflow.acme.io', { https_proxy: '', HTTPS_PROXY: PROXY }, undefined],
    ['https://mlflow.acme.io', { https_proxy: PROXY, HTTPS_PROXY: 'http://other' }, `${PROXY}/`],
    ['https://mlflow.acme.io', { HTTP_PROXY: PROXY }, undefined],
    ['http://mlflow.acme.io', { HTTP_PROXY: PROXY }, `${PROXY}/`],
    ['http://mlflow.acme.io', { HTTPS_PROXY: PROXY }, undefined],
    ['https://mlflow.acme.io', { ALL_PROXY: PROXY }, `${PROXY}/`],
    ['https://mlflow.acme.io', { HTTPS_PROXY: 'proxy.acme.io:3128' }, `${PROXY}/`],
    ['https://mlflow.acme.io', { HTTPS_PROXY: PROXY, NO_PROXY: 'mlflow.acme.io' }, undefined],
    ['https://mlflow.acme.io', { HTTPS_PROXY: PROXY, NO_PROXY: 'x, .acme.io' }, undefined],
    ['https://mlflow.acme.io', { HTTPS_PROXY: PROXY, NO_PROXY: 'acme.io' }, undefined],
    ['https://mlflow.acme.io', { HTTPS_PROXY: PROXY, NO_PROXY: 'ACME.IO' }, undefined],
    ['https://mlflowacme.io', { HTTPS_PROXY: PROXY, NO_PROXY: 'acme.io' }, `${PROXY}/`],
    ['https://mlflow.acme.io', { HTTPS_PROXY: PROXY, NO_PROXY: '*' }, undefined],
    ['https://mlflow.acme.io', { HTTPS_PROXY: PROXY, NO_PROXY: '*.acme.io' }, `${PROXY}/`],
    ['https://mlflow.acme.io:8443', { HTTPS_PROXY: PROXY, NO_PROXY: 'acme.io:8443' }, undefined],
    ['https://mlflow.acme.io:8443', { HTTPS_PROXY: PROXY, NO_PROXY: 'acme.io:8444' }, `${PROXY}/`],
    ['https://mlflow.acme.io', { HTTPS_PROXY: PROXY, no_proxy: '', NO_PROXY: 'acme.io' }, undefined],
    ['http://10.1.2.3', { HTTP_PROXY: PROXY, NO_PROXY: '10.0.0.0/8' }, undefined],
    ['http://11.1.2.3', { HTTP_PROXY: PROXY, NO_PROXY: '10.0.0.0/8' }, `${PROXY}/`],
    ['http://10.1.2.3:5000', { HTTP_PROXY: PROXY, NO_PROXY: '10.1.2.3' }, undefined],
    ['http://10.1.2.3', { HTTP_PROXY: PROXY, NO_PROXY: '10.0.0.0/99' }, `${PROXY}/`],
  ];
  for (const [address, environment, proxy] of cases) {
    it(`for ${address} with ${JSON.stringify(environment)} is ${proxy ?? 'none'}`, () => {
      expect(proxyFor(new URL(address), environment)?.href).to.equal(proxy);
    });
  }

  for (const value of ['socks5://me:hunter2-secret@proxy:1080', 'http://', 'http://me:hunter2-secret@[half']) {
    it(`cannot be ${value.replace(/hunter2-secret/, '…')}, and the password is shown nowhere`, () => {
      expect(() => proxyFor(new URL('https://mlflow.acme.io'), { HTTPS_PROXY: value }))
        .to.throw(/^HTTPS_PROXY names .*, which is not an HTTP proxy$/)
        .with.property('message')
        .that.does.not.contain('hunter2');
    });
  }
});
