import { expect } from 'chai';
import { digestOf } from '../../../src/image/digest.js';
import { imageUrl, packageUrl } from '../../../src/supply-chain/package-url.js';
import { FROM_FOLDER, FROM_GIT, KEDRO, PRIVATE } from './sample.js';

describe('the package URL', () => {
  it('of a package is its name and its version', () => {
    expect(packageUrl(KEDRO)).to.equal('pkg:pypi/kedro@1.7.0');
    expect(packageUrl(FROM_FOLDER)).to.equal('pkg:pypi/helpers@0.2.0');
  });

  it('encodes all but letters, digits and some signs', () => {
    expect(packageUrl(PRIVATE)).to.equal('pkg:pypi/acme-models@2%211.0%2Bcu12');
  });

  it('tells a package that is named by its URL from the one that PyPI has under that name', () => {
    expect(packageUrl(FROM_GIT)).to.equal(
      'pkg:pypi/acme-datasets@0.1.0?vcs_url=git%2Bhttps:%2F%2Fgit.example.com%2Facme%2Fdatasets.git%400123456789abcdef0123456789abcdef01234567',
    );
    expect(packageUrl({ ...KEDRO, url: 'https://example.com/kedro.whl', isDirect: true })).to.equal(
      'pkg:pypi/kedro@1.7.0?download_url=https:%2F%2Fexample.com%2Fkedro.whl',
    );
  });

  const digest = digestOf('x');
  const images: readonly [name: string, url: string][] = [
    ['registry.example.com/team/app', `pkg:oci/app@${digest}?repository_url=registry.example.com%2Fteam%2Fapp`],
    ['registry.example.com:5000/app', `pkg:oci/app@${digest}?repository_url=registry.example.com:5000%2Fapp`],
    ['python:3.11', `pkg:oci/python@${digest}?repository_url=docker.io%2Flibrary%2Fpython&tag=3.11`],
  ];
  for (const [name, url] of images)
    it(`of the image ${name} has its digest and its repository`, () => {
      expect(imageUrl(name, digest)).to.equal(url);
    });
});
