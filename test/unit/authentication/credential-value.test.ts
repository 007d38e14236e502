import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import {
  flawOf,
  suspicionOf,
  trimmedSecret,
  type CredentialKind,
} from '../../../src/authentication/credential-value.js';

/** The runtime's tests read the same file (test/runtime/test_credential_value.py). */
const CASES = JSON.parse(readFileSync(new URL('../../fixtures/credentials.json', import.meta.url), 'utf8')) as {
  readonly flaws: readonly (readonly [CredentialKind, string, string | null])[];
  readonly suspicions: readonly (readonly [CredentialKind, string, string | null])[];
  readonly trimmed: readonly (readonly [string, string])[];
};

describe('the value of a credential', () => {
  for (const [kind, value, flaw] of CASES.flaws) {
    it(`${JSON.stringify(value)} as a ${kind} ${flaw ?? 'is as good as any'}`, () => {
      expect(flawOf(value, kind)).to.equal(flaw ?? undefined);
    });
  }

  for (const [kind, value, suspicion] of CASES.suspicions) {
    it(`${JSON.stringify(value)} as a ${kind} that was refused ${suspicion ?? 'is not remarkable'}`, () => {
      expect(suspicionOf(value, kind)).to.equal(suspicion ?? undefined);
    });
  }

  for (const [text, secret] of CASES.trimmed) {
    it(`in a file with ${JSON.stringify(text)} is ${JSON.stringify(secret)}`, () => {
      expect(trimmedSecret(text)).to.equal(secret);
    });
  }
});
