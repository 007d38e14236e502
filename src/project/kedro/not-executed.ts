import { KdeployError } from '../../errors.js';

/** What is not known because nothing of the project was to be started: a warning, where another error would be one. */
export class NotExecuted extends KdeployError {
  constructor(reason: string) {
    super('configuration', `${reason}, which only Kedro can read, and --no-execute starts nothing of the project`, {
      hint: 'check the project without --no-execute where its code is trusted, or pass --tracking-uri',
    });
  }
}

/** For `projectModel`, in place of the project's Kedro: somebody else's commit is judged by its text alone. */
export function refuseToExecute(reason: string): Promise<never> {
  return Promise.reject(new NotExecuted(reason));
}
