import { Args, Flags, type Interfaces } from '@oclif/core';
import { lastBuild } from '../builders/last-build.js';
import type { ImageDifference } from '../inspect/image-difference.js';
import type { ImageDescription } from '../inspect/image-description.js';
import { checkProject } from '../checks/check.js';
import type { ImageAddress } from '../image/address.js';
import { KdeployError } from '../errors.js';
import type { LocatedImage } from '../locate/locate-image.js';
import type { Progress } from '../progress.js';
import { projectModel } from '../project/model.js';
import { findProject } from '../project/project.js';
import { selectedPlatform } from '../image/platform.js';
import type { RunTrace } from '../mlflow/run-trace.js';
import { StateFolder } from '../state-folder.js';
import type { ReferrerDescription } from '../supply-chain/describe-referrer.js';
import { environmentFlag, IMAGE_NAMES, registryFlags, trackingFlags } from '../ui/flags.js';
import { openProjectOf } from '../ui/open-project.js';
import { BaseCommand } from '../ui/base-command.js';
import { bytesText, columns } from '../ui/columns.js';

type ParsedFlags = Interfaces.InferredFlags<typeof Inspect.flags & typeof Inspect.baseFlags>;

export type InspectResult = ImageDescription | { readonly run: RunTrace } | { readonly difference: ImageDifference };

export default class Inspect extends BaseCommand<InspectResult> {
  static override summary = 'Show what is baked into an image: MLflow server, authentication, commit.';

  static override description = `Without arguments, it shows the image of the last \`kdeploy build\` of this project.

Looks for a name on the local Docker Engine first, then in the registry, where it reads only the manifest and the
configuration, not the layers.`;

  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> registry.example.com/team/app:v1',
    {
      description: 'Inspect the image in the registry, even if there is a local one',
      command: '<%= config.bin %> <%= command.id %> --remote registry.example.com/team/app@sha256:…',
    },
    {
      description: 'Compare what was tested with what is to be deployed',
      command:
        '<%= config.bin %> <%= command.id %> --diff staging.example.com/team/app:v1 prod.example.com/team/app:v1',
    },
    {
      description: 'Trace a model back to its code',
      command: '<%= config.bin %> <%= command.id %> --run 8a04e96f4c604deba895b0cd9c8dd031',
    },
    {
      description: 'Use it in a script',
      command: '<%= config.bin %> <%= command.id %> app:v1 --json | jq -r .baked.trackingUri',
    },
  ];

  static override args = {
    image: Args.string({ description: `the image: ${IMAGE_NAMES} (default: that of the last build)` }),
    other: Args.string({ description: 'with --diff: the image to compare it with' }),
  };

  static override flags = {
    ...environmentFlag,
    ...trackingFlags,
    diff: Flags.boolean({
      description: 'show what is different between two images: where they log, their commits, packages and layers',
      exclusive: ['run'],
    }),
    run: Flags.string({
      description: 'show the image and the commit behind this MLflow run, instead of an image',
      helpValue: 'RUN_ID',
      exclusive: ['remote', 'platform'],
    }),
    ...registryFlags,
    platform: Flags.string({ description: 'the platform to inspect in a multi-platform image', helpValue: 'OS/ARCH' }),
  };

  async run(): Promise<InspectResult> {
    const { args, flags } = await this.parse(Inspect);
    const progress = this.progress(flags);
    if (flags.run !== undefined) {
      const { project, settings, env } = await openProjectOf(flags, progress);
      const model = projectModel({ project, settings, env, processEnvironment: process.env });
      const { tracking } = await checkProject({ model, settings, rules: [] });
      const { authentication } = settings.runConfig;
      const asked = { trackingUri: tracking?.uri, authentication, environment: process.env };
      const { traceRun } = await import('../mlflow/trace-run.js');
      const trace = await traceRun(flags.run, asked);
      this.log(traceText(trace));
      return { run: trace };
    }
    const { imageAddress } = await import('../ui/image-address.js');
    if (flags.diff) return this.compare([args.image, args.other], flags, progress);
    if (args.other !== undefined)
      throw new KdeployError('usage', 'inspect shows one image, but two are named', {
        hint: `to compare them: kdeploy inspect --diff ${args.image ?? ''} ${args.other}`,
      });
    const address = imageAddress(args.image ?? (await lastBuiltTag(flags.project)), flags);
    const [{ inspectImage }, { layerBars }] = await Promise.all([
      import('../inspect/inspect-image.js'),
      import('../ui/layer-bars.js'),
    ]);
    const description = await inspectImage(await this.locate(address, flags), selectedPlatform(flags.platform));
    const bars = layerBars(description.layers, process.stdout, process.env);
    this.log(`${descriptionText(description)}\nlayers, lowest first\n${bars}`);
    return description;
  }

  private async compare(
    names: readonly (string | undefined)[],
    flags: ParsedFlags,
    progress: Progress,
  ): Promise<InspectResult> {
    const { imageAddress } = await import('../ui/image-address.js');
    const [a, b] = names.map((name) => (name === undefined ? undefined : imageAddress(name, flags)));
    if (a === undefined || b === undefined)
      throw new KdeployError('usage', '--diff compares two images', {
        hint: 'name both: kdeploy inspect --diff registry.example.com/team/app:v1 registry.example.com/team/app:v2',
      });
    const [{ compareImages }, { KeptPackages }, { imageDifferenceText }] = await Promise.all([
      import('../inspect/compare-images.js'),
      import('../inspect/kept-packages.js'),
      import('../ui/image-difference-text.js'),
    ]);
    const parts = { platform: selectedPlatform(flags.platform), store: new KeptPackages(StateFolder.ofUser()) };
    const difference = await progress.step('compare the images', async (step) =>
      compareImages([await this.locate(a, flags), await this.locate(b, flags)], parts, step),
    );
    this.log(imageDifferenceText(difference));
    return { difference };
  }

  private async locate(address: ImageAddress, flags: ParsedFlags): Promise<LocatedImage> {
    const [{ locateImage }, { locateParts }] = await Promise.all([
      import('../locate/locate-image.js'),
      import('../locate/locate-parts.js'),
    ]);
    const state = StateFolder.ofUser();
    return locateImage(address, locateParts({ state, signal: this.signal, plainHttp: flags['plain-http'] }));
  }
}

async function lastBuiltTag(folder: string | undefined): Promise<string> {
  const { root } = await findProject(folder ?? process.cwd());
  const { tags } = await lastBuild(StateFolder.ofUser(), root);
  return tags[0];
}

function traceText({ runId, name, status, image, revision, kdeployVersion, execution }: RunTrace): string {
  return columns([
    ['run', runId],
    ['name', name],
    ['status', status],
    ['image', image ?? 'unknown: the run was not logged from a kdeploy image'],
    ['git revision', revision],
    ['kdeploy', kdeployVersion],
    ...Object.entries(execution),
  ]);
}

const PLACES: Readonly<Record<ImageDescription['foundIn'], string>> = {
  engine: "this machine's Docker Engine",
  registry: 'the registry',
  layout: 'an OCI image layout',
  archive: 'an archive of `docker save`',
  waiting: 'this machine, not pushed yet',
};

function descriptionText(image: ImageDescription): string {
  const { baked } = image;
  const tracking: [string, string | null][] =
    baked === null
      ? [['tracking', 'not baked by kdeploy']]
      : [
          ['tracking URI', baked.trackingUri ?? 'none: built without tracking'],
          ['experiment', baked.experiment ?? null],
          ['authentication', baked.authentication.length === 0 ? 'none' : baked.authentication.join(', ')],
          ['Kedro environment', baked.env ?? null],
          ['kdeploy', baked.version],
          ['plan', baked.plan],
        ];
  const rows: [string, string | null][] = [
    ['image', image.reference],
    ['found in', PLACES[image.foundIn]],
    ['id', image.id],
    ['digest', image.digest ?? 'none yet: not pushed'],
    ['platform', image.platform],
    ['created', image.created],
    ...tracking,
    ['git revision', image.revision],
    ['source', image.source],
    ['base image', image.base],
    ['user', image.user],
    ['working directory', image.workingDirectory],
    ['entrypoint', image.entrypoint.length === 0 ? null : JSON.stringify(image.entrypoint)],
    ['cmd', image.cmd.length === 0 ? null : JSON.stringify(image.cmd)],
    [
      'size',
      `${bytesText(image.size)}${['registry', 'waiting'].includes(image.foundIn) ? ' compressed' : ''}, ${image.layers.length} ${image.layers.length === 1 ? 'layer' : 'layers'}`,
    ],
  ];
  return columns([...rows, ...referrerRows(image)]);
}

const KINDS: Readonly<Record<ReferrerDescription['kind'], string>> = {
  sbom: 'SBOM',
  provenance: 'provenance',
  'self-test': 'self-test',
  other: 'referrer',
};

function referrerRows({ referrers, foundIn }: ImageDescription): [string, string][] {
  if (referrers === null) return foundIn === 'registry' ? [['referrers', 'not known: the list could not be read']] : [];
  return referrers.map(({ kind, format, components, artifactType, digest }) => {
    const count = components === null ? [] : [`${components} ${components === 1 ? 'component' : 'components'}`];
    const what = kind === 'self-test' ? 'passed' : (format ?? artifactType ?? 'of unknown type');
    return [KINDS[kind], [what, ...count, digest].join(', ')];
  });
}
