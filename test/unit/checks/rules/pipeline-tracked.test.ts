import { expect } from 'chai';
import { pipelineTracked } from '../../../../src/checks/rules/pipeline-tracked.js';
import { findingsOf, type ContextGiven } from '../../../support/check-rule.js';

function running(disabled: string, command?: string): ContextGiven {
  const dockerfile: Record<string, string> =
    command === undefined ? {} : { Dockerfile: `FROM python:3.11\n${command}\n` };
  return {
    files: { 'conf/local/mlflow.yml': `tracking:\n  disable_tracking:\n    pipelines: ${disabled}\n`, ...dockerfile },
  };
}

describe('pipeline-tracked', () => {
  const silent: [disabled: string, command?: string][] = [
    ['[]'],
    ['[other]'],
    ['[__default__]', 'CMD ["kedro", "run", "--pipeline", "train"]'],
    ['[train]', 'CMD ["kedro", "run", "--pipeline=train,score"]'],
    ['[__default__]', 'CMD ["kedro", "registry", "list"]'],
    ['[__default__]', 'CMD ["bash"]'],
    ['[__default__]', 'CMD kedro run --pipeline $PIPELINE'],
    ['[__default__]', 'ENTRYPOINT ["kedro"]\nCMD ["mlflow", "ui"]'],
  ];
  for (const [disabled, command] of silent) {
    it(`is content with ${disabled} and ${command ?? 'the command of kedro-docker'}`, async () =>
      expect(await findingsOf(pipelineTracked, running(disabled, command))).to.deep.equal([]));
  }

  const found: [disabled: string, command: string | undefined, pipelines: string][] = [
    ['[__default__]', undefined, '__default__'],
    ['[train, __default__]', 'CMD kedro run --env prod', '__default__'],
    ['[train]', 'CMD ["/usr/bin/kedro", "run", "-p", "train"]', 'train'],
    ['[train, score]', 'CMD ["kedro", "run", "--pipelines=train,score"]', 'train, score'],
    ['[train]', 'ENTRYPOINT ["tini", "--", "kedro", "run"]\nCMD ["--pipeline=train"]', 'train'],
  ];
  for (const [disabled, command, pipelines] of found) {
    it(`finds ${pipelines} in ${disabled}, run by ${command ?? 'the command of kedro-docker'}`, async () => {
      expect(await findingsOf(pipelineTracked, running(disabled, command))).to.deep.equal([
        `warning conf/local/mlflow.yml:3: the image runs the pipeline ${pipelines}, but mlflow.yml disables tracking for it: nothing would be logged`,
      ]);
    });
  }
});
