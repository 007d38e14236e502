import { expect } from 'chai';
import fc from 'fast-check';
import {
  DEFAULT_LOADER_SETTINGS,
  readLoaderSettings,
  type LoaderSettings,
} from '../../../../src/project/kedro/loader-settings.js';

describe('readLoaderSettings', () => {
  const readable: [name: string, source: string, expected: Partial<LoaderSettings>][] = [
    ['an empty file', '', {}],
    [
      'annotations',
      'from kedro.config import OmegaConfigLoader\nCONF_SOURCE: str = "settings"\nCONFIG_LOADER_CLASS: type[OmegaConfigLoader] = OmegaConfigLoader\nCONFIG_LOADER_ARGS: dict[str, "Any"] = {"base_env": "b", "default_run_env": "r"}\n',
      { confSource: 'settings', namesLoader: true, baseEnvironment: 'b', defaultRunEnvironment: 'r' },
    ],
    ['comments alone', '# CONFIG_LOADER_ARGS = {"base_env": "x", "default_run_env": "y"}\n', {}],
    ['other settings', 'from demo.hooks import ProjectHooks\nHOOKS = (ProjectHooks(),)\n', {}],
    ['a docstring that mentions them', '"""CONFIG_LOADER_ARGS = {} and CONF_SOURCE"""\n', {}],
    [
      'what kedro new writes',
      'CONFIG_LOADER_ARGS = {\n    "base_env": "base",\n    "default_run_env": "local",\n    # "config_patterns": {\n    #     "spark" : ["spark*/"],\n    # }\n}\n',
      {},
    ],
    [
      'other names',
      "CONFIG_LOADER_ARGS = {'base_env': 'default', 'default_run_env': 'dev'}",
      { baseEnvironment: 'default', defaultRunEnvironment: 'dev' },
    ],
    ['another folder', 'CONF_SOURCE = "configuration"', { confSource: 'configuration' }],
    [
      'the loader that is the default anyway',
      'from kedro.config import OmegaConfigLoader\nCONFIG_LOADER_CLASS = OmegaConfigLoader  # noqa\n',
      { namesLoader: true },
    ],
    [
      'the loader by its full name',
      'import kedro.config\nCONFIG_LOADER_CLASS = kedro.config.OmegaConfigLoader\n',
      { namesLoader: true },
    ],
    [
      'values that do not matter, whatever they are',
      'CONFIG_LOADER_ARGS = {\n "base_env": "base",\n "default_run_env": "local",\n "custom_resolvers": {"today": lambda: [date.today(), {1: 2}]},\n "config_patterns": {"spark": ["spark*/"], "x": f(1)},\n}\n',
      { hasOwnResolvers: true },
    ],
    [
      'patterns of its own, in part',
      'CONFIG_LOADER_ARGS = {"base_env": "base", "default_run_env": "local", "config_patterns": {"mlflow": ["tracking*", "**/t.y?l"], "catalog": f(1)}}',
      {
        patterns: { ...DEFAULT_LOADER_SETTINGS.patterns, mlflow: ['tracking*', '**/t.y?l'], catalog: undefined },
      },
    ],
    [
      'merge strategies, in any case',
      'CONFIG_LOADER_ARGS = {"base_env": "base", "default_run_env": "local", "merge_strategy": {"mlflow": "Soft", "parameters": "x"}}',
      { mergeStrategies: { ...DEFAULT_LOADER_SETTINGS.mergeStrategies, mlflow: 'soft' } },
    ],
    ['a resolver that is registered elsewhere', 'OmegaConf.register_new_resolver("a", b)', { hasOwnResolvers: true }],
    ['strings side by side', 'CONFIG_LOADER_ARGS = {"base_env": "ba" "se", "default_run_env": r"local"}', {}],
    ['escaped line ends', 'CONF_SOURCE = \\\n  "conf"\n', {}],
    ['CRLF', 'CONF_SOURCE = "configuration"\r\nX = 1\r\n', { confSource: 'configuration' }],
  ];
  for (const [name, source, expected] of readable) {
    it(`reads ${name}`, () =>
      expect(readLoaderSettings(source)).to.deep.equal({ ...DEFAULT_LOADER_SETTINGS, ...expected }));
  }

  const unreadable: [name: string, source: string][] = [
    ['a computed value', 'CONF_SOURCE = os.environ["CONF"]'],
    ['an f-string', 'CONF_SOURCE = f"conf"'],
    ['an escape in a string', 'CONF_SOURCE = "con\\x66"'],
    ['a concatenation', 'CONF_SOURCE = "conf" + "x"'],
    ['a conditional', 'CONF_SOURCE = "conf" if X else "y"'],
    ['a computed environment', 'CONFIG_LOADER_ARGS = {"base_env": BASE, "default_run_env": "local"}'],
    ['a call', 'CONFIG_LOADER_ARGS = dict(base_env="base", default_run_env="local")'],
    ['an unpacked dictionary', 'CONFIG_LOADER_ARGS = {**DEFAULTS, "base_env": "base", "default_run_env": "local"}'],
    [
      'a change after the assignment',
      'CONFIG_LOADER_ARGS = {"base_env": "base", "default_run_env": "local"}\nCONFIG_LOADER_ARGS["base_env"] = "x"',
    ],
    [
      'an update',
      'CONFIG_LOADER_ARGS = {"base_env": "base", "default_run_env": "local"}\nCONFIG_LOADER_ARGS.update(x)',
    ],
    ['an assignment in a branch', 'if X:\n    CONF_SOURCE = "x"'],
    ['two assignments', 'CONF_SOURCE = "a"\nCONF_SOURCE = "b"'],
    ['an annotation without a value', 'CONF_SOURCE: str\n'],
    ['an annotation that compares', 'CONF_SOURCE: x == y = "z"\n'],
    ['an annotation over two lines', 'CONFIG_LOADER_ARGS: dict[\n    str, str\n] = {}\n'],
    ['an import of the name', 'from demo.shared import CONFIG_LOADER_ARGS'],
    ['an import of everything', 'from demo.shared import *'],
    ['another loader', 'from x import MyLoader\nCONFIG_LOADER_CLASS = MyLoader'],
    [
      'the loader of Kedro 0.18',
      'from kedro.config import TemplatedConfigLoader\nCONFIG_LOADER_CLASS = TemplatedConfigLoader',
    ],
    ['no environments, which makes Kedro read all of conf', 'CONFIG_LOADER_ARGS = {}'],
    [
      'patterns that mean more here than to fsspec',
      'CONFIG_LOADER_ARGS = {"base_env": "base", "default_run_env": "local", "config_patterns": {"mlflow": ["[mt]*"]}}',
    ],
    [
      'patterns that lead out',
      'CONFIG_LOADER_ARGS = {"base_env": "base", "default_run_env": "local", "config_patterns": {"globals": ["../globals.yml"]}}',
    ],
    [
      'patterns for mlflow that are computed',
      'CONFIG_LOADER_ARGS = {"base_env": "base", "default_run_env": "local", "config_patterns": {"mlflow": [NAME]}}',
    ],
    [
      'computed patterns',
      'CONFIG_LOADER_ARGS = {"base_env": "base", "default_run_env": "local", "config_patterns": PATTERNS}',
    ],
    [
      'a merge strategy that Kedro does not have',
      'CONFIG_LOADER_ARGS = {"base_env": "base", "default_run_env": "local", "merge_strategy": {"mlflow": "hard"}}',
    ],
    [
      'an argument that Kedro does not have',
      'CONFIG_LOADER_ARGS = {"base_env": "base", "default_run_env": "local", "environment": "prod"}',
    ],
    [
      'hidden files that count',
      'CONFIG_LOADER_ARGS = {"base_env": "base", "default_run_env": "local", "ignore_hidden": False}',
    ],
    ['an environment outside conf', 'CONFIG_LOADER_ARGS = {"base_env": "../x", "default_run_env": "local"}'],
    ['an absolute folder', 'CONF_SOURCE = "/etc/conf"'],
    ['text that is cut off', 'CONFIG_LOADER_ARGS = {"base_env": "base", "default_run_env": "local"'],
  ];
  for (const [name, source] of unreadable) {
    it(`leaves ${name} to Kedro`, () => expect(readLoaderSettings(source)).to.equal(undefined));
  }

  it('never throws', () => {
    const piece = fc.constantFrom(
      'CONF_SOURCE',
      'CONFIG_LOADER_ARGS',
      ' = ',
      '{',
      '}',
      '[',
      ']',
      '(',
      ')',
      '"a"',
      "'",
      '"""',
      ':',
      ',',
      '\n',
      '\\',
      '#',
      'lambda',
      '**',
      '1',
      'None',
      '.',
      'OmegaConfigLoader',
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(piece, { maxLength: 40 }).map((pieces) => pieces.join('')),
        ),
        (source) => {
          readLoaderSettings(source);
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('takes linear time on text made to slow it down', () => {
    for (const unit of ['[', '{"a":', '"', "'''", '"""a', '\\', 'a.', '{"a":['])
      readLoaderSettings(`CONFIG_LOADER_ARGS = ${unit.repeat(20_000)}`);
  });
});
