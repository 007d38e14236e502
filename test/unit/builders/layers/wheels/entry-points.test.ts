import { expect } from 'chai';
import {
  InvalidEntryPoints,
  launcher,
  parseEntryPoints,
} from '../../../../../src/builders/layers/wheels/entry-points.js';

describe('entry_points.txt', () => {
  const scripts = (text: string) =>
    parseEntryPoints(text, '3.11').map(({ name, module, attribute }) => `${name}=${module}:${attribute}`);

  for (const [what, text, expected] of [
    ['programs of both kinds', '[console_scripts]\na = m:f\n[gui_scripts]\nb = m.n:C.f\n', ['a=m:f', 'b=m.n:C.f']],
    ['other sections', '[kedro.hooks]\nx = m:f\nnot an entry\n[console_scripts]\na=m:f\n[x]\nb=m:f', ['a=m:f']],
    ['a section that comes again', '[console_scripts]\na=m:f\n[x]\n[console_scripts]\nb=m:f', ['a=m:f', 'b=m:f']],
    ['spaces', '[ console_scripts ]\n  a  =  m : f  [ x , y ]  \n', ['a=m:f']],
    ['extras', '[console_scripts]\na = m:f [x]\n', ['a=m:f']],
    ['comments', '# a=b:c\n[console_scripts]\n;x\n  # y\na = m:f\n', ['a=m:f']],
    ['the line ends of Windows, and a mark of the byte order', '\uFEFF[console_scripts]\r\na = m:f\r\n', ['a=m:f']],
    ['a name twice, of which the last counts', '[console_scripts]\na=m:f\na=n:g\n', ['a=n:g']],
    [
      'names as programs have them',
      '[console_scripts]\nx-y_z.1 a=m:f\nA=m:f\na:b=m:f',
      ['x-y_z.1 a=m:f', 'A=m:f', 'a:b=m:f'],
    ],
    ['letters of all languages', '[console_scripts]\ngrün = größe:f_1', ['grün=größe:f_1']],
    ['sections in other letters', '[Console_Scripts]\na=m:f', []],
    ['pip’s versions', '[console_scripts]\npip=p:m\npip3=p:m\npip3.8=p:m\n', ['pip=p:m', 'pip3=p:m', 'pip3.11=p:m']],
    ['what looks like pip’s', '[console_scripts]\npip3.x=p:m\npip4.1=p:m\n', ['pip3.x=p:m', 'pip4.1=p:m']],
    ['nothing', '', []],
  ] as const) {
    it(`is read with ${what}`, () => {
      expect(scripts(text)).to.deep.equal(expected);
    });
  }

  for (const line of [
    'a',
    'a =',
    'a = m',
    'a = m:',
    'a = :f',
    'a = m:f:g',
    'a = m:f()',
    'a = m:f # why',
    'a = m:f; import os',
    'a = m n:f',
    'a =\n  m:f',
    '= m:f',
    '../a = m:f',
    'b/a = m:f',
    String.raw`b\a = m:f`,
    '.. = m:f',
  ]) {
    it(`is refused with ${JSON.stringify(line)}`, () => {
      expect(() => scripts(`[console_scripts]\n${line}`)).to.throw(InvalidEntryPoints, 'the entry point');
    });
  }

  it('becomes programs that start the given Python', () => {
    const text = launcher({ name: 'a', module: 'm.n', attribute: 'C.run' }, '/opt/venv/bin/python');
    expect(text.split('\n').slice(0, 4)).to.deep.equal([
      '#!/opt/venv/bin/python',
      '# -*- coding: utf-8 -*-',
      'import sys',
      'from m.n import C',
    ]);
    expect(text.trimEnd().split('\n').at(-1)).to.equal('    sys.exit(C.run())');
  });
});
