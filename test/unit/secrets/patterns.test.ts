import { expect } from 'chai';
import fc from 'fast-check';
import { findPasswordInUrl, findSecret, SECRET_PATTERNS } from '../../../src/secrets/patterns.js';

/** The tilde is taken out again; with it, nobody's scanner takes this file for a leak. */
const whole = (text: string): string => text.replaceAll('~', '');

const MIXED = 'aB3dE5gH7jK9mN1pQ3sT5vW7yZ9bC1eF3hJ5kL7nP9rS1uV3xY5zA7cD9fG1iJ3lM5oP7qR9tU1wX3aB5dE7gH9';
const mixed = (length: number): string => MIXED.slice(0, length);
const letters = (length: number): string => 'aBcDeFgHiJkLmNoPqRsTuVwXyZaBcDeFgHiJkLmN'.slice(0, length);
const header = (kind: string): string => `-----BEGIN ${kind}-----`;

const SECRETS: [why: string, text: string][] = [
  ['contains a private key', `${header('RSA PRIVATE KEY')}\n${mixed(64)}\n`],
  ['contains a private key', `KEY = """\n    ${header('OPENSSH PRIVATE KEY')}\r\n    ${mixed(64)}`],
  ['contains a private key', `key: "${header('PRIVATE KEY')}\\n${mixed(64)}\\n"`],
  [
    'contains a private key',
    `${header('RSA PRIVATE KEY')}\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,AB\n\n${mixed(64)}`,
  ],
  ['contains a private key', `${header('PGP PRIVATE KEY BLOCK')}\nVersion: GnuPG v2\n\n${mixed(64)}`],
  [
    'is a Google service account key',
    JSON.stringify({ type: 'service_account', private_key: `${header('PRIVATE KEY')}\n${mixed(64)}` }, undefined, 2),
  ],
  ["contains a Google user's credentials", `{"refresh_token": "1//${mixed(50)}", "type": "authorized_user"}`],
  ['contains an AWS access key', `aws_access_key_id = ~AKIAABCDEFGH23456723\naws_secret_access_key = ${mixed(40)}`],
  ['contains a GitHub token', `token: gh~p_${mixed(36)}`],
  ['contains a GitHub token', `github_~pat_${mixed(22)}_${mixed(59)}`],
  ['contains a GitLab token', `gl~pat-${mixed(20)}`],
  ['contains a Slack token', `xo~xb-123456789012-${mixed(24)}`],
  [
    'contains a Slack webhook URL, which is a secret',
    `https://hooks.slack.com/~services/T12345678/B12345678/${mixed(24)}`,
  ],
  ['contains a Databricks token', `token = da~pi${'0a1b2c3d'.repeat(4)}`],
  ['contains a Hugging Face token', `h~f_${letters(34)}`],
  ['contains an OpenAI key', `sk-proj-${mixed(40)}T3BlbkFJ${mixed(40)}`],
  ['contains an Anthropic key', `sk-~ant-api03-${mixed(84)}`],
  ['contains a PyPI token', `py~pi-AgEIcHlwaS5vcmc${mixed(80)}`],
  ['contains an Anaconda token', `- https://conda.example.com/t/ab-0a1b2c3d-~0a1b-4c5d-8e9f-0a1b2c3d4e5f/acme`],
  ['contains an npm token', `np~m_${mixed(36)}`],
  ['contains a Stripe key', `sk_~live_${mixed(24)}`],
  ['contains an Azure storage account key', `AccountName=a;~AccountKey=${mixed(86)}==;`],
  ['contains an age key', `AGE-SECRET-KEY-1${'ABC123'.repeat(10)}`],
  ["contains a Kubernetes user's key", `    client-key-data: LS0tLS1CRUdJTiBS${mixed(60)}`],
  ['contains a registry password', `{"auths": {"ghcr.io": {"auth": "${mixed(20)}"}}}`],
];

describe('findSecret', () => {
  for (const [index, [why, marked]] of SECRETS.entries()) {
    const text = whole(marked);
    it(`finds what ${why}, with its line (${index})`, () => {
      const found = findSecret(Buffer.from(`first\n\n${text}\nlast`));
      expect(found?.why).to.equal(why);
      const lines = `first\n\n${text}`.split('\n').length;
      expect(found?.line).to.be.within(3, lines);
    });
  }

  const near: [name: string, text: string][] = [
    ['the header of a key in a program', `if "${header('RSA PRIVATE KEY')}" in text:\n    return True`],
    ['an example of a key', `${header('PRIVATE KEY')}\nMIIEvQ...\n-----END PRIVATE KEY-----`],
    ['a public key', `${header('PUBLIC KEY')}\n${mixed(64)}`],
    ['a certificate', `${header('CERTIFICATE')}\n${mixed(64)}`],
    ['AWS’s own example', `~AKIAIOSFODNN7EXAMPLE wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY`],
    ['a key’s ID without the key', `~AKIAABCDEFGH23456723 and a commit ${'0a1b2c3d4e'.repeat(4)}`],
    ['a token that is too short, or part of a longer word', `gh~p_${mixed(30)} xgh~p_${mixed(36)} gh~p_${mixed(60)}`],
    [
      'the emulator’s key',
      `AccountKey=Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==`,
    ],
    ['a reference to a secret', 'client-key-data: ${KEY}\n"private_key": "${oc.env:KEY}"'],
    [
      'a placeholder',
      `hf_${'x'.repeat(34)} dapi${'0'.repeat(32)} hooks.slack.com/services/T00000000/B00000000/${'X'.repeat(24)}`,
    ],
    [
      'a name that begins like a token',
      'glpat-token-of-the-project xoxb-your-token npm_config_registry_of_the_company_name_x',
    ],
    ['a hash', `sha256:${'0a1b2c3d'.repeat(8)}`],
  ];
  for (const [name, text] of near) {
    it(`finds nothing in ${name}`, () => expect(findSecret(Buffer.from(whole(text)))).to.equal(undefined));
  }

  it('finds the first of several, wherever its kind stands in the list', () => {
    const [token, key] = [whole(`gh~p_${mixed(36)}`), `${header('PRIVATE KEY')}\n${mixed(64)}`];
    const between = `\n${'x'.repeat(200)}\n`;
    expect(findSecret(Buffer.from(`\n${token}${between}${key}`))).to.deep.equal({
      why: 'contains a GitHub token',
      line: 2,
    });
    expect(findSecret(Buffer.from(`${key}${between}${token}`))).to.deep.equal({
      why: 'contains a private key',
      line: 1,
    });
  });

  it('finds each of them wherever it stands among other words', () => {
    const around = fc.string().filter((text) => !/[-\w/+=]$|^[-\w/+=]/.test(text));
    fc.assert(
      fc.property(fc.constantFrom(...SECRETS), around, around, (secret, before, after) => {
        expect(findSecret(Buffer.from(`${before}\n${whole(secret[1])}\n${after}`))?.why).to.equal(secret[0]);
      }),
    );
  });

  it('takes no longer for a text that nearly matches everywhere', () => {
    const texts = [
      ...SECRET_PATTERNS.map(({ anchors: [anchor = ''] }) => anchor.repeat(1_000_000 / anchor.length)),
      `${header('PRIVATE KEY')}${'a: '.repeat(300_000)}`,
      `${header('PRIVATE KEY')}\n`.repeat(30_000),
      `"private_key": "${header('PRIVATE KEY')}${'\\n'.repeat(400_000)}`,
      `sk-${'a'.repeat(900_000)}T3Blbk~FJ`,
      `AKIAABCDEFGH23456723 ${'aB3/'.repeat(200_000)}`,
    ];
    for (const text of texts) {
      const began = process.cpuUsage();
      findSecret(Buffer.from(whole(text)));
      expect(process.cpuUsage(began).user / 1e6, text.slice(0, 40)).to.be.lessThan(4);
    }
  });
});

describe('findPasswordInUrl', () => {
  const cases: [text: string, line: number | undefined][] = [
    ['postgresql://bot:hunter2-51ab@db/x', 1],
    ['kedro\n--index-url https://bot:hunter2-51ab@pypi.example.com/simple', 2],
    ['git+https://oauth2:hunter2-51ab@git.example.com/x.git', 1],
    ['--index-url https://$USER:$PASSWORD@pypi.example.com', undefined],
    ['--index-url https://${USER}:${PASSWORD}@pypi.example.com', undefined],
    ['https://user:password@pypi.example.com', undefined],
    ['https://<user>:<password>@pypi.example.com', undefined],
    ['https://pypi.example.com:8080/a@b', undefined],
    ['https://bot:%21abc%2F9@pypi.example.com', 1],
    ['https://bot:%(password)s@pypi.example.com', undefined],
    ['https://bot:%PYPI_PASSWORD%@pypi.example.com', undefined],
    ['https://bot:hunter2@[::1]:8080/simple', 1],
    // A token alone, where a user's name would be.
    [`x @ git+https://${mixed(40)}@git.example.com/x.git`, 1],
    [`https://${'0a1b2c3d'.repeat(5)}@git.example.com/x.git`, 1],
    ['https://my-organisation-name-2024@dev.azure.com/x', undefined],
    ['https://x-access-token@github.com/acme/x.git', undefined],
    // Not a user: a container, a bucket.
    [`abfss://${mixed(24)}@account.dfs.core.windows.net/x`, undefined],
    [`sftp://${mixed(24)}@host/x`, undefined],
    ['https://bot@pypi.example.com', undefined],
  ];
  for (const [text, line] of cases) {
    it(`${line === undefined ? 'no' : 'a'} password: ${text}`, () =>
      expect(findPasswordInUrl(text)?.line).to.equal(line));
  }

  it('tells a token alone from a password', () => {
    expect(findPasswordInUrl('https://bot:hunter2@host')?.why).to.equal('contains a URL with a password');
    expect(findPasswordInUrl(`https://${mixed(40)}@host`)?.why).to.equal('contains a URL with a token');
  });
});
