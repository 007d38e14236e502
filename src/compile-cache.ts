import module from 'node:module';

/** Node 22.1 and later; the types of the oldest Node that kdeploy runs on don't have it. */
export interface CompileCache {
  readonly enableCompileCache?: (folder: string) => unknown;
}

/**
 * Lets Node keep the compiled form of the program, where it can, so that the next start need not compile it again. In
 * the user's own state folder and not in the folder for temporary files that Node would take: who may write there could
 * have kdeploy run code of theirs. Node itself detects when an entry no longer fits, and goes without where it cannot write.
 */
export async function keepCompiledCode(
  environment: NodeJS.ProcessEnv = process.env,
  { enableCompileCache }: CompileCache = module as CompileCache,
): Promise<void> {
  if (enableCompileCache === undefined) return;
  const { StateFolder } = await import('./state-folder.js');
  enableCompileCache(StateFolder.ofUser(environment).folder('compiled'));
}
