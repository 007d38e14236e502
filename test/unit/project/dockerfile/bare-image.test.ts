import { expect } from 'chai';
import { isBareImage } from '../../../../src/project/dockerfile/bare-image.js';

describe('isBareImage', () => {
  const cases: [image: string, expected: boolean][] = [
    ['python:3.11-slim', true],
    ['docker.io/library/python:3.11', true],
    ['mirror.example.com:5000/library/debian', true],
    ['python@sha256:abc', true],
    ['ghcr.io/astral-sh/uv:python3.12-bookworm', true],
    ['acme/python:3.11', false],
    ['registry:5000/python', false],
    ['acme/kedro', false],
    ['continuumio/miniconda3', false],
  ];
  for (const [image, expected] of cases) {
    it(`${image}: ${String(expected)}`, () => expect(isBareImage(image)).to.equal(expected));
  }
});
