import {
  DEFAULT_SETTINGS,
  type BuildSettings,
  type CheckSettings,
  type HookSettings,
  type ImageSettings,
  type MlflowSettings,
  type RunSettings,
  type Settings,
} from '../../src/config/settings/settings.js';

export interface SettingsChanges {
  readonly image?: Partial<ImageSettings>;
  readonly build?: Partial<BuildSettings>;
  readonly mlflow?: Partial<MlflowSettings>;
  readonly runConfig?: Partial<RunSettings>;
  readonly checks?: CheckSettings;
  readonly hook?: Partial<HookSettings>;
  readonly sources?: readonly string[];
}

/** Every setting at its default, apart from what the test is about. */
export function settingsWith({
  image,
  build,
  mlflow,
  runConfig,
  checks,
  hook,
  sources,
}: SettingsChanges = {}): Settings {
  return {
    ...DEFAULT_SETTINGS,
    image: { ...DEFAULT_SETTINGS.image, ...image },
    build: { ...DEFAULT_SETTINGS.build, ...build },
    mlflow: { ...DEFAULT_SETTINGS.mlflow, ...mlflow },
    runConfig: { ...DEFAULT_SETTINGS.runConfig, ...runConfig },
    checks: checks ?? {},
    hook: { ...DEFAULT_SETTINGS.hook, ...hook },
    sources: sources ?? [],
  };
}
