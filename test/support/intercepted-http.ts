import nock from 'nock';

// nock takes over all of node:http as soon as it is imported, and mocha imports every test before it runs one; the other
// tests talk to real sockets.
nock.restore();

/** Lets the tests of the surrounding `describe` catch requests with the nock that is returned. */
export function interceptHttp(): typeof nock {
  before(() => {
    if (!nock.isActive()) nock.activate();
  });
  afterEach(() => {
    nock.cleanAll();
  });
  after(() => {
    nock.restore();
  });
  return nock;
}
