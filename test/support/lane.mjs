import { Buffer } from 'node:buffer';
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { fstatSync, openSync, readSync, writeSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { format } from 'node:util';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** A row of stages: the program that it runs at the moment, and where that prints. */
export class Lane {
  #child;
  #isEnding = false;
  /** A file descriptor, where it is not stdout. */
  #output;
  #copied = 0;

  /** Prints to stdout at once, or into a file in `folder` until somebody asks for it. */
  constructor(folder) {
    if (folder !== undefined) this.#output = openSync(path.join(folder, `output-${randomUUID()}`), 'a+');
  }

  get isEnding() {
    return this.#isEnding;
  }

  processId() {
    return this.#child?.pid;
  }

  print(text) {
    if (this.#output === undefined) console.log(text);
    else writeSync(this.#output, `${format(text)}\n`);
  }

  /** What has been printed into the file since the last time. */
  printed() {
    if (this.#output === undefined) return Buffer.alloc(0);
    const text = Buffer.alloc(fstatSync(this.#output).size - this.#copied);
    const length = readSync(this.#output, text, 0, text.length, this.#copied);
    this.#copied += length;
    return text.subarray(0, length);
  }

  run(command, commandArguments, variables = {}) {
    return this.#start(command, commandArguments, this.#output ?? 'inherit', variables).status;
  }

  async capture(command, commandArguments) {
    const { child, status } = this.#start(command, commandArguments, 'pipe');
    let stdout = '';
    child?.stdout.setEncoding('utf8').on('data', (chunk) => (stdout += chunk));
    return { status: await status, stdout };
  }

  /** Mocha passes SIGINT, and no other signal, on to the process that runs the tests. */
  interrupt() {
    this.#child?.kill('SIGINT');
  }

  /** Interrupts the program, and starts no other one. */
  end() {
    this.#isEnding = true;
    this.interrupt();
  }

  #start(command, commandArguments, stdout, variables) {
    if (this.#isEnding) return { status: Promise.resolve(130) };
    const child = spawn(command, commandArguments, {
      cwd: root,
      stdio: ['ignore', stdout, this.#output ?? 'inherit'],
      env: { ...process.env, ...variables },
    });
    this.#child = child;
    const status = new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code, signal) => resolve(code ?? (signal === 'SIGINT' ? 130 : 1)));
    });
    return { child, status };
  }
}
