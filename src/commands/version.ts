import { BaseCommand } from '../ui/base-command.js';

export interface VersionResult {
  /** Its version: `1.2.3`. */
  readonly kdeploy: string;
  readonly node: string;
  /** `linux-x64` */
  readonly platform: string;
}

export default class Version extends BaseCommand<VersionResult> {
  static override summary = 'Print the version of kdeploy, of Node.js and of the platform.';

  static override examples = ['<%= config.bin %> <%= command.id %>', '<%= config.bin %> --version'];

  async run(): Promise<VersionResult> {
    await this.parse(Version);
    this.log(this.config.userAgent);
    const { version, platform, arch } = this.config;
    return { kdeploy: version, node: process.version.slice(1), platform: `${platform}-${arch}` };
  }
}
