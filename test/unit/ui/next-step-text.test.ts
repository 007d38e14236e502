import { expect } from 'chai';
import { nextStepText } from '../../../src/ui/next-step-text.js';

describe('a step to take, as it is printed', () => {
  it('is a command with what it is for as a comment', () => {
    expect(nextStepText({ text: 'check the project', command: 'kdeploy check' })).to.equal(
      '  kdeploy check  # check the project',
    );
    expect(nextStepText({ text: 'read the file' })).to.equal('  read the file');
  });

  it('is folded where the command is long, at its options and never within quotes', () => {
    const command = `gcloud create one --project=acme --condition="a --b c" ${'--member=x '.repeat(8)}--last='it is'`;
    const printed = nextStepText({ text: 'allow it', command });
    expect(printed.split('\n')[0]).to.equal('  # allow it');
    expect(printed).to.contain('--condition="a --b c"');
    for (const line of printed.split('\n')) expect(line).to.have.length.below(110);
    // What a shell makes of it.
    expect(
      printed
        .split('\n')
        .slice(1)
        .join('\n')
        .replaceAll(/ \\\n\s+/g, ' ')
        .trim(),
    ).to.equal(command);
  });
});
