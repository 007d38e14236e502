import { expect } from 'chai';
import { entrypointPassesCommandOn } from '../../../../src/checks/rules/entrypoint-passes-command-on.js';
import { findingsOf } from '../../../support/check-rule.js';

const findings = (entrypoint: string, files: Record<string, string> = {}) =>
  findingsOf(entrypointPassesCommandOn, {
    files: { Dockerfile: `FROM python:3.11\nWORKDIR /app\nCOPY . .\nENTRYPOINT ${entrypoint}`, ...files },
  });
const SCRIPT = '["./docker/entrypoint.sh"]';
const script = (text: string) => ({ 'docker/entrypoint.sh': text });

describe('entrypoint-passes-command-on', () => {
  const swallowed: [entrypoint: string, why: string, files?: Record<string, string>][] = [
    ['kedro run', 'uses the shell form'],
    ['exec kedro "$@"', 'uses the shell form'],
    ['["sh", "-c", "kedro run"]', 'is a shell script that does not use its arguments'],
    ['["/bin/bash", "-lc"]', 'is a shell that uses only the first word of the command'],
    [SCRIPT, 'is docker/entrypoint.sh, which does not use its arguments', script('#!/bin/sh\n# "$@"\nkedro run\n')],
    [
      '["tini", "--", "/app/docker/entrypoint.sh"]',
      'is docker/entrypoint.sh, which does not use its arguments',
      script('kedro run'),
    ],
    [
      '["bash", "docker/entrypoint.sh"]',
      'is docker/entrypoint.sh, which does not use its arguments',
      script('kedro run'),
    ],
  ];
  for (const [entrypoint, why, files] of swallowed) {
    it(`warns of ${entrypoint}`, async () =>
      expect(await findings(entrypoint, files)).to.deep.equal([
        `warning Dockerfile:4: the ENTRYPOINT of Dockerfile ${why}, so containers ignore the command they are given`,
      ]));
  }

  const fine: [entrypoint: string, files?: Record<string, string>][] = [
    ['["kedro"]'],
    ['["tini", "--"]'],
    ['[]'],
    ['["sh", "-c", "exec \\"$@\\"", "--"]'],
    [SCRIPT, script('#!/bin/bash\nset -e\nexec "$@"\n')],
    [SCRIPT, script('#!/bin/sh\nexec kedro run ${@}\n')],
    [SCRIPT, script('#!/bin/sh\n. ./other.sh\n')],
    ['["./run"]', { run: '#!/usr/bin/env python\nprint()' }],
    ['["./missing.sh"]'],
    ['["/usr/local/bin/of-the-base.sh"]'],
  ];
  for (const [entrypoint, files] of fine)
    it(`is content with ${entrypoint} ${JSON.stringify(files ?? {})}`, async () =>
      expect(await findings(entrypoint, files)).to.deep.equal([]));

  it('is content without an ENTRYPOINT', async () => {
    expect(
      await findingsOf(entrypointPassesCommandOn, { files: { Dockerfile: 'FROM python:3.11\nCMD kedro run' } }),
    ).to.deep.equal([]);
    expect(await findingsOf(entrypointPassesCommandOn, { files: {} })).to.deep.equal([]);
  });
});
