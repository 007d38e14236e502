import { expect } from 'chai';
import { isLoopback, registryBaseUrl } from '../../../../src/places/registry/endpoint.js';

describe("a registry's address", () => {
  const table: [string, string][] = [
    ['docker.io', 'https://registry-1.docker.io/'],
    ['europe-docker.pkg.dev', 'https://europe-docker.pkg.dev/'],
    ['registry.example.com:5000', 'https://registry.example.com:5000/'],
    ['localhost', 'http://localhost/'],
    ['localhost:5000', 'http://localhost:5000/'],
    ['127.0.0.1:5000', 'http://127.0.0.1:5000/'],
    ['127.8.9.10', 'http://127.8.9.10/'],
    ['[::1]:5000', 'http://[::1]:5000/'],
    // What only looks like this machine.
    ['127.0.0.1.example.com', 'https://127.0.0.1.example.com/'],
    ['localhost.example.com:5000', 'https://localhost.example.com:5000/'],
    ['mylocalhost', 'https://mylocalhost/'],
    ['10.0.0.1:5000', 'https://10.0.0.1:5000/'],
    ['[::2]:5000', 'https://[::2]:5000/'],
  ];
  for (const [registry, address] of table) {
    it(`of ${registry} is ${address}`, () => {
      expect(registryBaseUrl(registry).href).to.equal(address);
    });
  }

  it('is on this machine only for loopback addresses', () => {
    expect(['localhost', '127.0.0.1', '[::1]'].every(isLoopback)).to.equal(true);
    expect(['0.0.0.0', '128.0.0.1', '[::]', '127.0.0', ''].some(isLoopback)).to.equal(false);
  });
});
