import { LABEL_FORMAT } from '../image/labels.js';
import { installation, type Installation } from '../installation.js';
import { BaseCommand } from '../ui/base-command.js';

export interface VersionResult {
  /** Its version: `1.2.3`. */
  readonly kdeploy: string;
  /** The version of the Python package that is baked into images. */
  readonly runtime: string;
  /** Each is raised when the same form means something else; an image with a later one is refused, or its record not used. */
  readonly formats: {
    /** The labels `io.kdeploy.…` of an image. */
    readonly labels: number;
    /** What an image says of its pipelines: `describe --json`. */
    readonly pipelines: number;
    /** The record of an image's layers, in the label `io.kdeploy.layers`. */
    readonly layers: number;
    /** How the builder `layers` makes a layer: of another recipe, layers are made anew. */
    readonly recipe: number;
  };
  /** How kdeploy is installed: the package of npm, the Python wheel, or a checkout of its repository. */
  readonly installation: Installation;
  readonly node: string;
  /** `linux-x64` */
  readonly platform: string;
}

export default class Version extends BaseCommand<VersionResult> {
  static override summary = 'Print the version of kdeploy, of Node.js and of the platform.';

  static override description = 'With `--json`, also the version of each part and format, for a report.';

  static override examples = ['<%= config.bin %> <%= command.id %>', '<%= config.bin %> --version --json'];

  async run(): Promise<VersionResult> {
    await this.parse(Version);
    this.log(this.config.userAgent);
    const [{ readRuntimeVersion }, { STRUCTURE_FORMAT }, { RECIPE_FORMAT, RECORD_FORMAT }] = await Promise.all([
      import('../bake/runtime-package.js'),
      import('../graph/read-structure.js'),
      import('../builders/layers/layer-recipe.js'),
    ]);
    const { version, platform, arch } = this.config;
    return {
      kdeploy: version,
      runtime: await readRuntimeVersion(),
      formats: { labels: LABEL_FORMAT, pipelines: STRUCTURE_FORMAT, layers: RECORD_FORMAT, recipe: RECIPE_FORMAT },
      installation: installation(),
      node: process.version.slice(1),
      platform: `${platform}-${arch}`,
    };
  }
}
