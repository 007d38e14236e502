import { expect } from 'chai';
import { keepCompiledCode } from '../../src/compile-cache.js';

describe('the compiled form of the program', () => {
  it("is kept in the user's own folder, where nobody else can put code", async () => {
    const folders: string[] = [];
    const enableCompileCache = (folder: string): number => folders.push(folder);
    await keepCompiledCode({ KDEPLOY_STATE_FOLDER: '/home/ada/state' }, { enableCompileCache });
    expect(folders).to.deep.equal(['/home/ada/state/compiled']);
  });

  it('is not kept by a Node that cannot, and nothing fails', async () => {
    await keepCompiledCode({}, {});
  });
});
