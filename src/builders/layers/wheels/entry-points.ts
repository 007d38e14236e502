/** A program that a package's entry point makes. */
export interface EntryPointScript {
  readonly name: string;
  readonly module: string;
  /** `main`, `Application.launch`. */
  readonly attribute: string;
}

/** Where it is wrong, and why. */
export class InvalidEntryPoints extends Error {}

const SECTIONS = ['console_scripts', 'gui_scripts'];

/**
 * What is between module and attribute, and the extras behind them, may have spaces around it
 * (https://packaging.python.org/en/latest/specifications/entry-points/). The letters are those of uv's expression.
 */
const REFERENCE =
  /^([\p{Alphabetic}\p{M}\p{Nd}\p{Pc}.-]+)\s*:\s*([\p{Alphabetic}\p{M}\p{Nd}\p{Pc}.-]+)(?:\s*\[[^\]]*\])?$/u;

/** The scripts of entry_points.txt, as uv takes them: of two with one name the last. Throws `InvalidEntryPoints`. */
export function parseEntryPoints(text: string, pythonMinor: string): EntryPointScript[] {
  const scripts = new Map<string, EntryPointScript>();
  let section: string | undefined;
  for (const line of text.replace(/^\uFEFF/, '').split(/\r\n|\r|\n/)) {
    const trimmed = line.trim();
    if (trimmed === '' || /^[#;]/.test(trimmed)) continue;
    const header = /^\[([^\]]*)\]/.exec(trimmed);
    if (header !== null) section = header[1]?.trim();
    else if (section !== undefined && SECTIONS.includes(section)) {
      const script = parseLine(trimmed);
      scripts.set(script.name, script);
    }
  }
  return withVersionedPip([...scripts.values()], pythonMinor);
}

function parseLine(line: string): EntryPointScript {
  const equals = line.indexOf('=');
  const name = line.slice(0, equals).trim();
  const value = line.slice(equals + 1).trim();
  const [, module, attribute] = REFERENCE.exec(value) ?? [];
  if (equals === -1 || module === undefined || attribute === undefined) {
    throw new InvalidEntryPoints(`the entry point ${JSON.stringify(line)} is not of the form name = module:function`);
  }
  // It is a file's name in the folder of programs.
  if (name === '' || name === '.' || name === '..' || /[/\\\p{Cc}]/u.test(name)) {
    throw new InvalidEntryPoints(`the entry point ${JSON.stringify(line)} has a name that no file can have`);
  }
  return { name, module, attribute };
}

/** Pip's wheel is the same for all versions of Python, and older ones name the version that made them (astral-sh/uv#1593). */
function withVersionedPip(scripts: readonly EntryPointScript[], pythonMinor: string): EntryPointScript[] {
  const kept = scripts.filter(({ name }) => !/^pip3\.\d+$/.test(name));
  const pip = kept.find(({ name }) => name === 'pip3');
  return pip === undefined ? kept : [...kept, { ...pip, name: `pip${pythonMinor}` }];
}

/** The program's text, letter for letter as uv writes it (crates/uv-install-wheel/src/wheel.rs, get_script_launcher). */
export function launcher({ module, attribute }: EntryPointScript, python: string): string {
  return `#!${python}
# -*- coding: utf-8 -*-
import sys
from ${module} import ${attribute.split('.', 1)[0] ?? attribute}
if __name__ == "__main__":
    if sys.argv[0].endswith("-script.pyw"):
        sys.argv[0] = sys.argv[0][:-11]
    elif sys.argv[0].endswith(".exe"):
        sys.argv[0] = sys.argv[0][:-4]
    sys.exit(${attribute}())
`;
}
