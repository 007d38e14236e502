/**
 * For `node --import`: appends the URL of every file that the process loads to the file named in LOADED_FILES. What CommonJS
 * files require is seen at the end, in the cache of the loader.
 */
import { appendFileSync } from 'node:fs';
import Module, { register } from 'node:module';
import { isMainThread } from 'node:worker_threads';
import { pathToFileURL } from 'node:url';

const note = (url) => appendFileSync(process.env.LOADED_FILES, `${url}\n`);

export function load(url, context, nextLoad) {
  note(url);
  return nextLoad(url, context);
}

if (isMainThread) {
  register(import.meta.url);
  process.on('exit', () => {
    for (const file of Object.keys(Module._cache)) note(pathToFileURL(file).href);
  });
}
