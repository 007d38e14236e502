import { expect } from 'chai';
import { BAKE_COMMENT, INTERMEDIATE_REPOSITORY, isBakeStep } from '../../../src/image/bake-step.js';

describe('the step of a history that made kdeploy’s layer', () => {
  const intermediate = `${INTERMEDIATE_REPOSITORY}:9fef9197271f-28496-1795766448-9985b3c47d8a`;
  const ours: readonly [how: string, comment: string][] = [
    ['Docker', BAKE_COMMENT],
    ['Podman 4', `FROM docker.io/library/${intermediate}`],
    ['Podman with a name of this machine', `FROM localhost/${intermediate}`],
    ['buildah', `FROM ${intermediate}`],
  ];
  for (const [how, comment] of ours) {
    it(`is known as ${how} writes it`, () => {
      expect(isBakeStep({ comment })).to.equal(true);
    });
  }

  const others: readonly (string | undefined)[] = [
    undefined,
    '',
    'kdeploy',
    `${BAKE_COMMENT}.`,
    'buildkit.dockerfile.v0',
    'FROM docker.io/library/python:3.11',
    `FROM registry.example.com/${intermediate}`,
    `FROM docker.io/library/another-${intermediate}`,
    `FROM docker.io/library/${INTERMEDIATE_REPOSITORY}`,
    `COPY ${intermediate}`,
  ];
  for (const comment of others) {
    it(`is not one with the comment ${String(comment)}`, () => {
      expect(isBakeStep(comment === undefined ? {} : { comment })).to.equal(false);
    });
  }
});
