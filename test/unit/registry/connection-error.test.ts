import { expect } from 'chai';
import { connectionErrorOf } from '../../../src/registry/connection-error.js';

describe('a connection that failed', () => {
  it('says what was asked for, and the code of the system, which no translation changes', () => {
    const cause = Object.assign(new Error('hunter2'), { code: 'ECONNREFUSED' });
    const error = connectionErrorOf(new TypeError('fetch failed', { cause }), 'GET', 'https://r.io:5000/v2/?t=hunter2');
    expect(error).to.include({
      name: 'ConnectionError',
      message: 'GET https://r.io:5000/v2/?t=***: refused (ECONNREFUSED)',
      host: 'r.io:5000',
      attempts: 1,
    });
  });

  it('says no code where there is none', () => {
    expect(connectionErrorOf(new Error('x'), 'HEAD', 'https://r.io/').message).to.equal('HEAD https://r.io/: other');
  });
});
