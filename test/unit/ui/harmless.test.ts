import { expect } from 'chai';
import fc from 'fast-check';
import { rememberSecret } from '../../../src/secrets/given-secrets.js';
import { harmlessJson, harmlessLine, harmlessText } from '../../../src/ui/harmless.js';

describe('text that is printed', () => {
  const cases: readonly [what: string, text: string, shown: string][] = [
    ['stays as it is', 'Error: no image\n\twhy: 404 — “größer” 🚀', 'Error: no image\n\twhy: 404 — “größer” 🚀'],
    ['clears no screen', 'a\u001b[2Jb', String.raw`a\x1b[2Jb`],
    ['sets no title and no link', '\u001b]8;;https://evil\u0007x', String.raw`\x1b]8;;https://evil\x07x`],
    ['has no C1 sequence', 'a\u009b2Jb', String.raw`a\x9b2Jb`],
    ['overwrites no line', 'failed\rok    ', String.raw`failed\x0dok    `],
    ['keeps the line breaks of Windows as line breaks', 'a\r\nb', 'a\nb'],
    ['deletes nothing', 'no\b\b', String.raw`no\x08\x08`],
    ['turns no text around', 'a\u202Eb\u2066c', String.raw`a\u202eb\u2066c`],
    ['has no second kind of line break', 'a\u2028::error::b', String.raw`a\u2028::error::b`],
    ['is no command of GitHub', '::error file=x::y', ': :error file=x::y'],
    ['is none in a later line', 'a\n::add-mask::b\n', 'a\n: :add-mask::b\n'],
    ['is none behind white space', 'a\n \t::stop-commands::x', 'a\n \t: :stop-commands::x'],
    ['is none in the old form', 'x ##[set-env name=PATH]/tmp', 'x # #[set-env name=PATH]/tmp'],
    ['is none of Azure', 'a ##vso[task.setvariable variable=x]y', 'a # #vso[task.setvariable variable=x]y'],
    ['is none of TeamCity', "##teamcity[buildStatus text='x']", "# #teamcity[buildStatus text='x']"],
    ['keeps colons within a line', 'std::vector a::b', 'std::vector a::b'],
    ['keeps headings and numbers', '## Tags\n##1', '## Tags\n##1'],
    ['has no password of an address', 'https://me:hunter2@host/x', 'https://***@host/x'],
    ['has no token that is known by its form', `a ghp_${'a1'.repeat(18)} ghp_${'b2'.repeat(18)}`, 'a *** ***'],
    ['has no value that is named password', 'password: hunter2, secret=x y', 'password: *** secret=*** y'],
    ['keeps the tag of an image of that name', 'host:5000/team/my-password:v1', 'host:5000/team/my-password:v1'],
    [
      'keeps what kdeploy itself says of secrets',
      'as a build secret: `--secret id=x`; the output is a secret: pipe it; MLFLOW_TRACKING_PASSWORD=$PASSWORD',
      'as a build secret: `--secret id=x`; the output is a secret: pipe it; MLFLOW_TRACKING_PASSWORD=$PASSWORD',
    ],
    ['has no header', 'sent Authorization: Bearer abcdef123', 'sent Authorization: Bearer ***'],
    [
      'keeps digests and commits',
      `sha256:${'a1'.repeat(32)} ${'b2'.repeat(20)}`,
      `sha256:${'a1'.repeat(32)} ${'b2'.repeat(20)}`,
    ],
  ];
  for (const [what, text, shown] of cases) {
    it(what, () => {
      expect(harmlessText(text)).to.equal(shown);
    });
  }

  it('keeps our own colours where colours are shown, and nothing that moves or hides', () => {
    const text = '\u001b[31merror\u001b[39m \u001b[1mx\u001b[22m \u001b[8mhidden\u001b[2K';
    expect(harmlessText(text, { colours: true })).to.equal(
      String.raw`${'\u001b[31merror\u001b[39m \u001b[1mx\u001b[22m'} \x1b[8mhidden\x1b[2K`,
    );
  });

  it('is one line where it has to be', () => {
    expect(harmlessLine('a\n  b\r\n::c')).to.equal('a b : :c');
  });

  it('never moves the cursor and never begins a command, whatever it is', () => {
    const part = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('::', ':', '##', '[', 'vso', '\n', '\r', '\u001b[', ' '),
    );
    fc.assert(
      fc.property(fc.array(part), (parts) => {
        const shown = harmlessText(parts.join(''));
        // eslint-disable-next-line no-control-regex -- what must not be there
        expect(shown).not.to.match(/[\u0000-\u0008\u000B-\u001F\u007F-\u009F]/);
        for (const line of shown.split('\n')) {
          expect(line.trim()).not.to.match(/^::/);
          expect(line).not.to.match(/##\w*\[/);
        }
      }),
    );
  });
});

describe('JSON that is printed', () => {
  it('reads back as the same value, and has no sequence that a terminal or a CI system obeys', () => {
    const value = { a: '::error::x\n::b', b: '##vso[x]\u009b2J\u202E', c: [1, null, true, '\u001b[2J'], '##[x]': 'y' };
    const text = harmlessJson(value);
    expect(JSON.parse(text)).to.deep.equal(value);
    // eslint-disable-next-line no-control-regex -- what must not be there
    expect(text).not.to.match(/^\s*::|##\w*\[|[\u0000-\u0009\u000B-\u001F\u007F-\u009F\u202E]/m);
  });

  it('contains no secret', () => {
    rememberSecret('s3cret-value');
    expect(harmlessJson({ error: { reason: 'x s3cret-value y', place: { file: 'https://a:b@c' } } })).to.equal(
      JSON.stringify({ error: { reason: 'x *** y', place: { file: 'https://***@c' } } }, undefined, 2),
    );
  });
});
