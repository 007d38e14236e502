import { expect } from 'chai';
import { formsOf } from '../../../src/secrets/secret-forms.js';

const hidden = (secret: string, text: string): string =>
  formsOf(secret).reduce(
    (shown, { anchor, pattern }) => (shown.includes(anchor) ? shown.replaceAll(pattern, '***') : shown),
    text,
  );

describe('the ways in which a secret may be written', () => {
  const secret = `tr0ub/4:d "o"\\r&<3>'é`;
  const ways: Readonly<Record<string, string>> = {
    'as it is': secret,
    'by encodeURIComponent': encodeURIComponent(secret),
    'by encodeURIComponent, in lower case': encodeURIComponent(secret).replaceAll(/%../g, (code) => code.toLowerCase()),
    "by Python's quote, which leaves slashes": encodeURIComponent(secret).replaceAll('%2F', '/').replaceAll("'", '%27'),
    'as a form': new URLSearchParams({ x: secret }).toString().slice(2),
    'in JSON': JSON.stringify(secret).slice(1, -1),
    "in Python's JSON": JSON.stringify(secret)
      .slice(1, -1)
      .replace('é', String.raw`\u00e9`),
    "in PHP's JSON": JSON.stringify(secret)
      .slice(1, -1)
      .replace('/', String.raw`\/`),
    'in HTML': `tr0ub/4:d &quot;o&quot;\\r&amp;&lt;3&gt;&#39;é`,
    "in Python's repr": String.raw`tr0ub/4:d "o"\\r&<3>\'é`,
    'within the quotes of a shell': String.raw`tr0ub/4:d "o"\r&<3>'\''é`,
  };
  for (const [way, written] of Object.entries(ways)) {
    it(`hide it ${way}`, () => {
      expect(hidden(secret, `(${written})`)).to.equal('(***)');
    });
  }

  for (const [before, after] of [
    ['', ''],
    ['ada:', ''],
    ['me:', '@x'],
    ['a:', '\n'],
  ] as const) {
    it(`hide it in base64 between ${JSON.stringify(before)} and ${JSON.stringify(after)}`, () => {
      const whole = Buffer.from(`${before}hunter2?>hunter${after}`);
      for (const alphabet of ['base64', 'base64url'] as const) {
        const shown = hidden('hunter2?>hunter', whole.toString(alphabet));
        expect(shown.replace('***', '')).to.have.length.below(8);
        expect(shown).to.contain('***');
      }
    });
  }

  it('hide signs of several bytes, and of one digit, as each encoding writes them', () => {
    const secret = '\there😀é-1';
    const bytes = [...Buffer.from('😀é')].map((byte) => `\\x${byte.toString(16)}`).join('');
    for (const written of [
      secret,
      encodeURIComponent(secret),
      String.raw`\u0009here\ud83d\ude00\u00e9-1`,
      `\\x09here${bytes}-1`,
    ])
      expect(hidden(secret, `(${written})`), written).to.equal('(***)');
  });

  it('hide as base64 only what is long enough to be told from other words', () => {
    expect(hidden('hunter', Buffer.from('hunter').toString('base64'))).to.equal('***');
    const other = Buffer.from('untess').toString('base64');
    expect(hidden('hunter', other)).to.equal(other);
  });

  it('hide nothing that only resembles it', () => {
    const others = ['hunter2hunte', 'hunter 2hunter2', Buffer.from('hunter').toString('base64')].join(' ');
    expect(hidden('hunter2hunter2', others)).to.equal(others);
  });

  it('are few for what is long, such as a key in one line', () => {
    const key = `{"private_key":"${'x/'.repeat(1500)}"}`;
    expect(hidden(key, `${key} ${JSON.stringify({ key })} ${encodeURIComponent(key)}`)).to.equal(
      '*** {"key":"***"} ***',
    );
  });
});
