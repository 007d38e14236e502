import { expect } from 'chai';
import { downloadUrl, publicUrl } from '../../../src/supply-chain/public-url.js';
import { FROM_FOLDER, FROM_GIT, KEDRO, PRIVATE } from './sample.js';

describe('a URL that everybody may read', () => {
  const cases: readonly [text: string, shown: string | undefined][] = [
    ['https://pypi.example.com/a.whl', 'https://pypi.example.com/a.whl'],
    ['http://pypi.example.com:8080/a.whl', 'http://pypi.example.com:8080/a.whl'],
    ['https://ada:hunter2@pypi.example.com/a.whl', 'https://pypi.example.com/a.whl'],
    ['https://hunter2@pypi.example.com/a.whl', 'https://pypi.example.com/a.whl'],
    ['https://pypi.example.com/a.whl?X-Goog-Signature=hunter2', 'https://pypi.example.com/a.whl'],
    ['https://pypi.example.com/a.whl#sha256=00', 'https://pypi.example.com/a.whl'],
    ['git+https://hunter2@git.example.com/a.git@v1', 'git+https://git.example.com/a.git@v1'],
    ['git+ssh://git@git.example.com/a.git', 'git+ssh://git.example.com/a.git'],
    ['ssh://git.example.com/a.git', 'ssh://git.example.com/a.git'],
    ['file:///home/ada/a.whl', undefined],
    ['file://server/share/a.whl', undefined],
    ['git+file:///home/ada/a.git', undefined],
    ['/home/ada/a.whl', undefined],
    ['C:\\wheels\\a.whl', undefined],
    ['git@git.example.com:acme/a.git', undefined],
    ['', undefined],
  ];
  for (const [text, shown] of cases)
    it(`is ${shown ?? 'none'} for ${text === '' ? 'no text' : text}`, () => {
      expect(publicUrl(text)).to.equal(shown);
    });
});

describe('where a package may be downloaded from', () => {
  it('is told of PyPI, and of what the project names by its URL', () => {
    expect(downloadUrl(KEDRO)).to.equal(KEDRO.url);
    expect(downloadUrl({ ...PRIVATE, isDirect: true })).to.equal('https://dl.example.com/t0k3n/acme_models.whl');
    expect(downloadUrl(FROM_GIT)).to.match(/^git\+https:\/\/git\.example\.com\/acme\/datasets\.git@[0-9a-f]{40}$/);
  });

  it('is not told of another index, whose paths may have a token, nor of a folder or of nothing', () => {
    expect(downloadUrl(PRIVATE)).to.equal(undefined);
    expect(downloadUrl({ ...KEDRO, url: 'https://files.pythonhosted.org.example.com/a.whl' })).to.equal(undefined);
    expect(downloadUrl(FROM_FOLDER)).to.equal(undefined);
    expect(downloadUrl({ name: 'a', version: '1', sha256: undefined, filename: 'a.whl' })).to.equal(undefined);
  });
});
