import { digestOf } from '../../../src/image/digest.js';
import type { ShippedPackage } from '../../../src/supply-chain/shipped-package.js';

export const IMAGE = { name: 'registry.example.com/team/app', digest: digestOf('image') };
export const BASE = { name: 'docker.io/library/python:3.11-slim', digest: digestOf('base') };
export const CREATED = '2026-11-02T03:04:05Z';

export const KEDRO: ShippedPackage = {
  name: 'kedro',
  version: '1.7.0',
  sha256: 'a'.repeat(64),
  filename: 'kedro-1.7.0-py3-none-any.whl',
  url: 'https://files.pythonhosted.org/packages/aa/bb/kedro-1.7.0-py3-none-any.whl',
};
/** From an index that has a token in its paths. */
export const PRIVATE: ShippedPackage = {
  name: 'acme-models',
  version: '2!1.0+cu12',
  sha256: 'b'.repeat(64),
  filename: 'acme_models-2!1.0+cu12-py3-none-any.whl',
  url: 'https://ada:hunter2@dl.example.com/t0k3n/acme_models.whl?sig=hunter3#sha256=00',
};
export const FROM_GIT: ShippedPackage = {
  name: 'acme-datasets',
  version: '0.1.0',
  sha256: undefined,
  filename: 'acme_datasets-0.1.0-py3-none-any.whl',
  url: 'git+https://ada:hunter2@git.example.com/acme/datasets.git@0123456789abcdef0123456789abcdef01234567#egg=x',
  isDirect: true,
};
export const FROM_FOLDER: ShippedPackage = {
  name: 'helpers',
  version: '0.2.0',
  sha256: 'c'.repeat(64),
  filename: 'helpers-0.2.0-py3-none-any.whl',
  url: 'file:///home/ada/helpers',
  isDirect: true,
};

export const PACKAGES = [KEDRO, PRIVATE, FROM_GIT, FROM_FOLDER];

/** What none of the documents may contain. */
export const NOT_PUBLIC = /hunter|t0k3n|\/home|ada[:@]|#egg|file:/;
