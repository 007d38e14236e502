import { authsSource } from '../../src/places/registry/credentials/auths.js';
import { parseDockerConfig } from '../../src/places/registry/credentials/docker-config.js';
import { parseChallenges, pickChallenge } from '../../src/places/registry/challenge.js';
import { readProblems } from '../../src/places/registry/registry-error.js';
import { parseRetryAfter } from '../../src/places/registry/retry.js';
import { isTokenServerTrusted } from '../../src/places/registry/token.js';
import { fuzz } from './fuzz.js';
import { SECRET } from './secret.js';

describe('fuzzing what registries say', () => {
  it('challenges are read, and only trusted token servers are asked', () =>
    fuzz({
      samples: [
        'Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="repository:library/x:pull"',
        'Negotiate, Basic realm="Sonatype Nexus, \\"ours\\"", Bearer realm=https://a/t',
      ],
      words: ['realm=', '="', '\\"', ', ', 'Basic ', 'error="invalid_token"'],
      read: (input) => {
        const header = input.toString('latin1');
        parseChallenges(header);
        parseRetryAfter(header, 0);
        isTokenServerTrusted(pickChallenge(header)?.parameters.realm ?? header);
        return [];
      },
    }));

  it('refusals are quoted without what the registry was sent', () =>
    fuzz({
      samples: [
        JSON.stringify({
          errors: [{ code: 'DENIED', message: `no access with ${SECRET}`, detail: [{ Type: 'repository' }] }],
        }),
        JSON.stringify({ details: `incorrect username or password: ada:${SECRET}` }),
        `<html><body>${SECRET}</body></html>`,
        `unauthorized: ${SECRET}`,
      ],
      words: ['"errors":{}', '"errors":[null]', '"message":1', '"code":"A B"', '</html>'],
      read: (input) =>
        ['application/json', 'text/plain', null].flatMap((type) =>
          readProblems(input, type, [SECRET]).flatMap(({ code, message }) => [code, message]),
        ),
    }));

  it('the configuration of docker is read, or said to be broken, without its words', () =>
    fuzz({
      samples: [
        JSON.stringify(
          {
            auths: {
              'https://index.docker.io/v1/': { auth: Buffer.from(`ada:${SECRET}`).toString('base64') },
              'registry.example.com': { username: 'ada', password: SECRET, identitytoken: SECRET },
            },
            credHelpers: { 'gcr.io': 'gcloud' },
            credsStore: 'desktop',
          },
          undefined,
          2,
        ),
      ],
      words: ['"auths":[]', '"auth":1', '"credHelpers":null', '"auth":"===="'],
      read: async (input) => {
        const reading = parseDockerConfig(input.toString('utf8'), '~/.docker/config.json');
        if (reading.kind !== 'config') return [JSON.stringify(reading)];
        const answers = await Promise.all(
          ['docker.io/library/app', 'registry.example.com/app'].map((name) => authsSource(reading.config).ask(name)),
        );
        return answers.flatMap((answer) => (answer !== undefined && 'failure' in answer ? [answer.failure] : []));
      },
    }));
});
