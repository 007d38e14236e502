import { findInText } from '../../src/secrets/secret-files.js';
import { findInSettings } from '../../src/secrets/settings-files.js';
import { redactAddresses } from '../../src/secrets/address.js';
import { quoted } from '../../src/secrets/quoted.js';
import { redactText } from '../../src/secrets/redaction.js';
import { classifyTrackingUri } from '../../src/project/tracking/tracking-uri.js';
import { fuzz } from './fuzz.js';
import { SECRET } from './secret.js';

/** Around them anything may stand; they stay whole. */
const ADDRESSES = [
  `https://ada:${SECRET}@mlflow.example.com/path?a=b`,
  `postgresql://ada:${SECRET}@db/mlflow`,
  `git+https://${SECRET}@github.com/acme/a`,
];
const WORDS = [
  `Authorization: Bearer ${SECRET}`,
  `Authorization: Basic ${SECRET}`,
  `password=${SECRET}`,
  `{"api_key": "${SECRET}"}`,
];

const SENTENCES = ['dial tcp: lookup example.com: no such host', 'error: "failed to fetch", retrying (1/3) …'];

describe('fuzzing what hides secrets', () => {
  it('passwords in addresses are hidden, whatever stands around them', () =>
    fuzz({
      samples: SENTENCES,
      words: ADDRESSES.map((address) => ` ${address} `),
      read: (input) => {
        const around = input.toString('utf8');
        return ADDRESSES.flatMap((address) => [`${around} ${address}`, `${address} ${around}`]).flatMap((text) => [
          redactAddresses(text),
          redactText(text),
          quoted(text),
        ]);
      },
    }));

  it('secrets are hidden in what other programs say', () =>
    fuzz({
      samples: SENTENCES,
      words: WORDS.map((word) => ` ${word} `),
      read: (input) => {
        const around = input.toString('utf8');
        return WORDS.flatMap((word) => [redactText(`${around} ${word}`), redactText(`${word} ${around}`)]);
      },
    }));

  it('a secret that is known is hidden wherever it stands', () =>
    fuzz({
      samples: [`a ${SECRET} b`, `"${SECRET}",${SECRET}`],
      read: (input) => [redactText(input.toString('utf8'), [SECRET])],
    }));

  it('tracking URIs are classified', () =>
    fuzz({
      samples: [...ADDRESSES, 'mlruns', 'file:///mlruns', 'sqlite:///a.db', 'databricks://profile', 'http+unix://a'],
      words: ['://', '@', '%', '[::1]', '\\'],
      read: (input) => {
        classifyTrackingUri(input.toString('utf8'));
        return [];
      },
    }));

  it('files are searched, whatever is in them', () =>
    fuzz({
      samples: [...ADDRESSES, ...WORDS, `-----BEGIN PRIVATE KEY-----\n${'A'.repeat(64)}\n`, `AKIA${'A'.repeat(16)}`],
      words: ['-----BEGIN ', 'AKIA', 'ghp_', 'eyJ', '='],
      read: (input) => {
        findInText(input);
        for (const file of ['.netrc', 'pip.conf', '.pypirc', '.docker/config.json'])
          findInSettings(file, input.toString('utf8'));
        return [];
      },
    }));
});
