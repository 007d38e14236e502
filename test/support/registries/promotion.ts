import path from 'node:path';

import { expect } from 'chai';

import { TemporaryFolder } from '../../unit/temporary-folder.js';
import { runCommand, type Outcome } from '../command.js';
import { run } from '../environment/commands.js';
import { ensurePackages, needCommand } from '../environment/packages.js';
import { ensureProgram } from './programs.js';
import { SampleImages, type SampleImage } from './sample-images.js';
import type { Credentials } from './token-server.js';

/** Without the machine's own configuration, for any of the programs. */
const KEPT = /^(PATH|LANG|LC_\w+|TMPDIR|TZ|NODE_\w+)$/;

/** One user at one machine: the compiled command, and other clients of registries, which judge what it wrote. */
export class Promotion {
  readonly #logins: Record<string, object> = {};

  private constructor(
    private readonly folder: TemporaryFolder,
    private readonly crane: string,
    /** What there is to copy. */
    readonly samples: SampleImages,
  ) {}

  static async start(): Promise<Promotion> {
    await ensurePackages([needCommand('skopeo', 'skopeo')]);
    const crane = await ensureProgram('crane');
    return new Promotion(await TemporaryFolder.create(), crane, await SampleImages.create());
  }

  async remove(): Promise<void> {
    await this.samples.remove();
    await this.folder.remove();
  }

  /** As `docker login` would: for kdeploy, crane and skopeo alike. */
  async login(registry: string, { username, password }: Credentials): Promise<void> {
    await this.#remember(registry, { auth: Buffer.from(`${username}:${password}`).toString('base64') });
  }

  /** As `docker login` would where the registry's token server gives refresh tokens. */
  async loginByToken(registry: string, identitytoken: string): Promise<void> {
    await this.#remember(registry, { auth: Buffer.from('<token>:').toString('base64'), identitytoken });
  }

  /** Another client puts the image there. */
  async given({ layout, digest }: SampleImage, name: string): Promise<void> {
    await this.#run(this.crane, 'push', layout, name);
    expect(await this.digest(name)).to.equal(digest);
  }

  /** `kdeploy push SOURCE --to TARGET`; what it said never has a password in it. */
  async push(source: string, target: string, ...more: readonly string[]): Promise<Outcome> {
    const args = ['push', source, '--to', target, '--allow-unbaked', ...more];
    const outcome = await runCommand(args, { cwd: this.folder.path, env: this.#env });
    expect(`${outcome.stdout}${outcome.stderr}`).not.to.contain('planted');
    return outcome;
  }

  /** The same, and it must succeed; gives back what it said of the blobs: `2 sent, 1 mounted`. */
  async pushed(source: string, target: string): Promise<string> {
    const { exitCode, stdout, stderr } = await this.push(source, target);
    expect(exitCode, stderr).to.equal(0);
    expect(stdout).to.match(/@sha256:[0-9a-f]{64}\n$/);
    return (/, blobs: (.*?)(?: {2}\(.*)?\n/.exec(stderr)?.[1] ?? stderr).replaceAll(/ \([\d.]+ MB\)/g, '');
  }

  /** What a tag names, by crane's word; `undefined` for nothing. */
  async digest(name: string): Promise<string | undefined> {
    try {
      return await this.#run(this.crane, 'digest', name);
    } catch (error) {
      if (/MANIFEST_UNKNOWN|NAME_UNKNOWN|404/.test(String(error))) return undefined;
      throw error;
    }
  }

  /** That other clients find the image there, whole: crane reads every layer, and skopeo copies all of it. */
  async judge(name: string, { digest, platforms }: SampleImage): Promise<void> {
    expect(await this.digest(name)).to.equal(digest);
    // Not all of an index at once: to crane, an attestation is an image that lacks its layers.
    for (const platform of platforms) await this.#run(this.crane, 'validate', '--remote', name, '--platform', platform);
    const copy = `oci:${this.folder.file(`judged-${digest.slice(-12)}`)}`;
    const how = ['--insecure-policy', 'copy', '--all', '--preserve-digests', '--src-tls-verify=false'];
    await this.#run('skopeo', ...how, `docker://${name}`, copy);
    expect(JSON.parse(await this.#run('skopeo', 'inspect', '--raw', copy))).to.have.property('schemaVersion', 2);
  }

  get #env(): Record<string, string> {
    const own = Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined);
    return {
      ...Object.fromEntries(own.filter(([name]) => KEPT.test(name))),
      HOME: this.folder.path,
      DOCKER_CONFIG: this.folder.file('docker'),
      REGISTRY_AUTH_FILE: this.folder.file(path.join('docker', 'config.json')),
      KDEPLOY_STATE_FOLDER: this.folder.file('state'),
    };
  }

  async #remember(registry: string, login: object): Promise<void> {
    this.#logins[registry] = login;
    await this.folder.write({ 'docker/config.json': JSON.stringify({ auths: this.#logins }) });
  }

  #run(...command: readonly string[]): Promise<string> {
    return run(command, { cwd: this.folder.path, env: this.#env, extendEnv: false });
  }
}
