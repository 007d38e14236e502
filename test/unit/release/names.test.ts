import { expect } from 'chai';
import { judgeName } from '../../../scripts/release/names.js';

describe('the name of the package in a registry', () => {
  const repository = 'git+https://git.example.com/acme/kdeploy.git';
  const judge = (answer: Parameters<typeof judgeName>[1], isPublished: boolean) =>
    judgeName('PyPI', answer, { repository, isPublished });

  it('is the project’s where it leads to its repository, however that is written', () => {
    for (const link of [
      repository,
      'https://git.example.com/acme/kdeploy',
      'https://Git.example.com/acme/kdeploy/#readme',
    ]) {
      expect(judge({ links: ['https://docs.example.com', link] }, true).problems, link).to.deep.equal([]);
    }
  });

  it('is somebody else’s where it leads elsewhere, or nowhere: nothing may install it', () => {
    for (const links of [[], ['https://git.example.com/acme/kdeploy-2'], ['https://evil.example.com/acme/kdeploy']]) {
      expect(judge({ links }, false).problems.join()).to.contain('belongs to somebody else');
    }
    const unknown = judgeName('PyPI', { links: [repository] }, { repository: undefined, isPublished: false });
    expect(unknown.problems).to.have.lengthOf(1);
  });

  it('is anybody’s where nobody has it, so generated files must not install it', () => {
    expect(judge('free', false)).to.deep.include({ problems: [] });
    expect(judge('free', false).notes.join()).to.contain('anybody may take it');
    expect(judge('free', true).problems.join()).to.contain('IS_PUBLISHED');
  });

  it('is not known where the registry cannot be asked, which stops a release whose files rely on it', () => {
    expect(judge(undefined, false)).to.deep.equal({
      problems: [],
      notes: ['PyPI could not be asked who has the name kdeploy'],
    });
    expect(judge(undefined, true).problems).to.have.lengthOf(1);
  });
});
