import { expect } from 'chai';
import fc from 'fast-check';
import { parseChallenges, pickChallenge } from '../../../../src/places/registry/challenge.js';

describe('a WWW-Authenticate header', () => {
  const table: [header: string, ...challenges: [string, Record<string, string>][]][] = [
    [
      'Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="repository:library/x:pull"',
      [
        'bearer',
        { realm: 'https://auth.docker.io/token', service: 'registry.docker.io', scope: 'repository:library/x:pull' },
      ],
    ],
    // A comma in quotes does not divide.
    [
      'bearer realm="https://a/t", scope="repository:x:pull,push"',
      ['bearer', { realm: 'https://a/t', scope: 'repository:x:pull,push' }],
    ],
    ['Basic realm="Sonatype Nexus, \\"ours\\""', ['basic', { realm: 'Sonatype Nexus, "ours"' }]],
    ['Basic realm=plain', ['basic', { realm: 'plain' }]],
    ['BEARER REALM = "https://a/t"', ['bearer', { realm: 'https://a/t' }]],
    ['Basic', ['basic', {}]],
    ['Negotiate, Basic realm="x"', ['negotiate', {}], ['basic', { realm: 'x' }]],
    [
      'Basic realm="x", Bearer realm="https://a/t",service="s"',
      ['basic', { realm: 'x' }],
      ['bearer', { realm: 'https://a/t', service: 's' }],
    ],
    ['Bearer realm="https://a/t",realm="https://evil/t"', ['bearer', { realm: 'https://a/t' }]],
    ['realm="x"'],
    [''],
    ['Bearer realm="unclosed', ['bearer', { realm: '' }]],
  ];
  for (const [header, ...challenges] of table) {
    it(`is read: ${header}`, () => {
      const read = parseChallenges(header).map(({ scheme, parameters }) => [scheme, { ...parameters }]);
      expect(read).to.deep.equal(challenges);
    });
  }

  it('is answered as Bearer where both are offered, and not at all where neither is', () => {
    expect(pickChallenge('Basic realm="x", Bearer realm="https://a/t"')?.scheme).to.equal('bearer');
    expect(pickChallenge('Negotiate, Basic realm="x"')?.scheme).to.equal('basic');
    expect(pickChallenge('Negotiate')).to.equal(undefined);
    expect(pickChallenge(null)).to.equal(undefined);
  });

  it('never brings the reader down', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (header) => Array.isArray(parseChallenges(header))));
  });
});
