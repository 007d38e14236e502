import { expect } from 'chai';
import { readRequirementsInputs } from '../../../../../src/builders/layers/resolve/requirements-inputs.js';
import { TemporaryFolder } from '../../../temporary-folder.js';

describe('what a requirements file says', () => {
  let folder: TemporaryFolder;

  beforeEach(async () => (folder = await TemporaryFolder.create()));
  afterEach(async () => folder.remove());

  const read = async (files: Readonly<Record<string, string>>, environment: NodeJS.ProcessEnv = {}) => {
    await folder.write(files);
    return readRequirementsInputs(['requirements.txt'], folder.file('project'), environment);
  };

  it('is read with what it includes, wherever that is, each file once', async () => {
    const inputs = await read({
      'project/requirements.txt': '-r src/more.txt\n-c ../limits.txt\nalpha\n',
      'project/src/more.txt': '-r ../requirements.txt\nbeta==1  # why\n',
      'limits.txt': 'gamma<2\n',
    });
    expect(inputs.files.map(({ file }) => file)).to.deep.equal(
      ['project/requirements.txt', 'project/src/more.txt', 'limits.txt'].map((file) => folder.file(file)),
    );
    expect(inputs.requirements).to.deep.equal([
      { name: 'beta', hashes: [], place: { file: 'src/more.txt', line: 2 } },
      { name: 'gamma', hashes: [], place: { file: folder.file('limits.txt'), line: 1 } },
      { name: 'alpha', hashes: [], place: { file: 'requirements.txt', line: 3 } },
    ]);
    expect(inputs.isComplete).to.equal(true);
  });

  it('is not complete with a file on a server', async () => {
    expect((await read({ 'project/requirements.txt': '-r https://example.com/r.txt\n' })).isComplete).to.equal(false);
  });

  it('has hashes of packages, and options for all, in order', async () => {
    const inputs = await read({
      'project/requirements.txt':
        '--index-url https://a --pre\nAlpha_x==1 \\\n  --hash=sha256:aa \\\n  --hash sha256:bb\n--extra-index-url=https://b\n',
    });
    expect(inputs.requirements).to.deep.equal([
      { name: 'alpha-x', hashes: ['sha256:aa', 'sha256:bb'], place: { file: 'requirements.txt', line: 2 } },
    ]);
    expect(inputs.options.map(({ name, value }) => [name, value])).to.deep.equal([
      ['--index-url', 'https://a'],
      ['--pre', ''],
      ['--extra-index-url', 'https://b'],
    ]);
  });

  it('fills in variables, which the recipe depends on', async () => {
    const files = { 'project/requirements.txt': '-i https://${HOST}/simple\n' };
    expect((await read(files, { HOST: 'a.example.com' })).options[0]?.value).to.equal('https://a.example.com/simple');
  });

  it('names folders and archives on this machine', async () => {
    const { locals } = await read({
      'project/requirements.txt': [
        '-e ./lib[extra]',
        'lib2/ ; python_version > "3"',
        './a-1.0-py3-none-any.whl --hash=sha256:aa',
        'b @ file:///w/b-1.0.tar.gz',
        'c @ https://example.com/c-1.0.tar.gz',
        'git+https://example.com/d.git',
        'e[f]>=1',
      ].join('\n'),
    });
    expect(locals).to.deep.equal([
      folder.file('project/lib'),
      folder.file('project/lib2'),
      folder.file('project/a-1.0-py3-none-any.whl'),
      '/w/b-1.0.tar.gz',
    ]);
  });

  it('is nothing where there is no file, which is for uv to say', async () => {
    const inputs = await read({ 'project/requirements.txt': '-r missing.txt\n???\n' });
    expect(inputs.requirements).to.deep.equal([]);
  });
});
