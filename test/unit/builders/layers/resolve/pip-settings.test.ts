import { expect } from 'chai';
import type { PipOptions } from '../../../../../src/builders/layers/resolve/pip-configuration.js';
import { namesIn, pipSettings } from '../../../../../src/builders/layers/resolve/pip-settings.js';

const options = (values: Readonly<Record<string, string>>): PipOptions =>
  new Map(Object.entries(values).map(([name, value]) => [name, { name, value, origin: 'pip.conf' }]));

const settings = (values: Readonly<Record<string, string>>) => pipSettings(options(values), '/project', '/home/ada');

describe('pip’s settings', () => {
  it('are all there where nothing is set', () => {
    const nothing = { indexUrl: undefined, noIndex: undefined, unread: [], variables: {}, findLinks: [] };
    expect(settings({})).to.deep.include(nothing);
  });

  it('have several values in one, apart by any space', () => {
    expect(settings({ 'extra-index-url': 'https://a\nhttps://b  https://c' }).extraIndexUrls).to.deep.equal([
      'https://a',
      'https://b',
      'https://c',
    ]);
  });

  it('have paths from the project on, or from the home folder', () => {
    expect(settings({ 'find-links': './wheels ~/wheels /w https://a/b file:///c' }).findLinks).to.deep.equal([
      '/project/wheels',
      '/home/ada/wheels',
      '/w',
      'https://a/b',
      'file:///c',
    ]);
    expect(settings({ constraint: 'c.txt https://a/c.txt' }).constraints).to.deep.equal([
      '/project/c.txt',
      'https://a/c.txt',
    ]);
  });

  for (const [value, isOn] of [
    ['1', true],
    ['true', true],
    ['YES', true],
    ['0', false],
    ['no', false],
    ['off', false],
  ] as const) {
    it(`are switched ${isOn ? 'on' : 'off'} by ${value}`, () => {
      expect(settings({ pre: value }).allowsPrereleases).to.equal(isOn);
      expect(settings({ 'require-hashes': value }).requiresHashes).to.equal(isOn);
      expect(settings({ 'no-index': value }).noIndex !== undefined).to.equal(isOn);
      expect(settings({ 'prefer-binary': value }).unread).to.have.lengthOf(isOn ? 1 : 0);
    });
  }

  it('reach the network by the variables that uv reads', () => {
    expect(
      settings({
        cert: 'ca.pem',
        'client-cert': '/c.pem',
        'default-timeout': '15.5',
        proxy: 'ada:secret@proxy:3128',
        'keyring-provider': 'import',
      }).variables,
    ).to.deep.equal({
      SSL_CERT_FILE: '/project/ca.pem',
      SSL_CLIENT_CERT: '/c.pem',
      UV_HTTP_TIMEOUT: '16',
      ALL_PROXY: 'http://ada:secret@proxy:3128',
      UV_KEYRING_PROVIDER: 'subprocess',
    });
    expect(settings({ 'keyring-provider': 'auto', timeout: 'long' }).variables).to.deep.equal({});
  });

  it('are said where uv has no counterpart, with what to do', () => {
    expect(settings({ 'prefer-binary': '1', 'cache-dir': '/c', quiet: '1' }).unread).to.deep.equal([
      "uv has no counterpart of pip's setting prefer-binary (pip.conf), so it is not applied: name the packages in only-binary, or pin versions that have wheels",
    ]);
    expect(settings({ 'all-releases': 'a,b' }).unread).to.have.lengthOf(1);
    expect(settings({ 'all-releases': ':all:' })).to.deep.include({ allowsPrereleases: true, unread: [] });
  });

  it('have lists of names, emptied by :none:', () => {
    expect(namesIn(['a,b', 'c'])).to.deep.equal(['a', 'b', 'c']);
    expect(namesIn(['a', ':none:', 'b'])).to.deep.equal(['b']);
    expect(namesIn([':none:'])).to.deep.equal([]);
  });
});
