import { KdeployError } from '../errors.js';

/** A folder that the image needs is a link, and what that leads to did not get in: Docker copies links as links. */
export function danglingLink(link: string, target: string, cause?: unknown): KdeployError {
  return new KdeployError('bake-failed', `${link} is a link to ${target}, which the image does not have`, {
    ...(cause !== undefined && { cause }),
    hint: 'let it lead to a folder of the project that .dockerignore keeps, by a relative path; or replace it with the folder itself',
  });
}
