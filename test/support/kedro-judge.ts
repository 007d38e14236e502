import { execa } from 'execa';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** What Kedro and kedro-mlflow themselves make of a project's configuration. */
export interface Verdict {
  readonly document?: Record<string, unknown>;
  /** Why Kedro could not load it. */
  readonly error?: string;
  /** Whether kedro-mlflow's pydantic model accepts the document. */
  readonly isValid?: boolean;
}

export interface Judged {
  readonly root: string;
  readonly env?: string | undefined;
}

/** Loads every project in one process: importing Kedro and MLflow takes longer than all the rest. */
const JUDGE = `
import json, logging, math, sys
from pathlib import Path
from kedro.config import MissingConfigException
from kedro.framework.project import settings
from kedro.framework.startup import bootstrap_project
from kedro_mlflow.config.kedro_mlflow_config import KedroMlflowConfig
from omegaconf import OmegaConf

logging.disable(logging.CRITICAL)
# As kdeploy's own script does: the name is drawn when the container starts.
OmegaConf.register_new_resolver("km.random_name", lambda *_: "\${km.random_name:}", replace=True)

def load(root, env):
    for name in [name for name in sys.modules if name == "demo" or name.startswith("demo.")]:
        del sys.modules[name]
    sys.path[:] = [path for path in sys.path if not path.endswith("/src")]
    bootstrap_project(Path(root))
    arguments = dict(settings.CONFIG_LOADER_ARGS)
    loader = settings.CONFIG_LOADER_CLASS(conf_source=str(Path(root) / settings.CONF_SOURCE), env=env, **arguments)
    loader.config_patterns.setdefault("mlflow", ["mlflow*", "mlflow*/**", "**/mlflow*"])
    try:
        return loader["mlflow"]
    except MissingConfigException:
        return {}

def finite(value):
    # JSON has no word for them.
    if isinstance(value, dict):
        return {key: finite(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [finite(inner) for inner in value]
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value

def judge(root, env):
    document = load(root, env)
    try:
        KedroMlflowConfig.model_validate(document)
        return {"document": document, "isValid": True}
    except ValueError:
        return {"document": document, "isValid": False}

verdicts = []
for root, env in json.load(sys.stdin):
    try:
        verdicts.append(json.loads(json.dumps(finite(judge(root, env)))))
    except Exception as error:
        verdicts.append({"error": f"{type(error).__name__}: {error}"})
print()
print(json.dumps(verdicts))
`;

export async function verdictsOf(python: string, projects: readonly Judged[]): Promise<Verdict[]> {
  const { stdout } = await execa(python, ['-c', JUDGE], {
    input: JSON.stringify(projects.map(({ root, env }) => [root, env ?? null])),
    env: { DO_NOT_TRACK: '1' },
  });
  return JSON.parse(stdout.split('\n').at(-1) ?? '') as Verdict[];
}

export interface WrittenProject {
  /** Below the project's root when the path starts with `/`, otherwise below conf/. */
  readonly files: Readonly<Record<string, string | Buffer>>;
  readonly settings?: string;
}

/** A Kedro project `demo` with every environment that tests name. */
export async function writeProject(root: string, { files, settings = '' }: WrittenProject): Promise<void> {
  const all: Record<string, string | Buffer> = {
    'pyproject.toml': '[tool.kedro]\npackage_name = "demo"\nproject_name = "Demo"\nkedro_init_version = "1.7.0"\n',
    'src/demo/__init__.py': '',
    'src/demo/settings.py': settings,
    'src/demo/pipeline_registry.py': 'def register_pipelines():\n    return {}\n',
  };
  for (const environment of ['base', 'local', 'prod', 'default', 'dev']) all[`conf/${environment}/.gitkeep`] = '';
  for (const [file, text] of Object.entries(files)) all[file.startsWith('/') ? file.slice(1) : `conf/${file}`] = text;
  for (const [file, text] of Object.entries(all)) {
    await mkdir(dirname(join(root, file)), { recursive: true });
    await writeFile(join(root, file), text);
  }
}
