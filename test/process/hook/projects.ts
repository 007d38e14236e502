import type { TemporaryRepository } from '../git/temporary-repository.js';

/** The files of a Kedro project in which no check finds anything but the missing conf/local/mlflow.yml. */
export function projectFiles(name = 'demo'): Record<string, string> {
  return {
    'pyproject.toml': `[tool.kedro]\npackage_name = "${name}"\nproject_name = "${name}"\nkedro_init_version = "1.0.0"\n`,
    'requirements.txt': 'kedro~=1.0\nkedro-mlflow~=2.0\nkedro-datasets~=9.0\n',
    [`src/${name}/__init__.py`]: '',
    [`src/${name}/settings.py`]: '',
    'conf/base/catalog.yml': '',
    '.gitignore': 'conf/local/**\n!conf/local/.gitkeep\n',
  };
}

export const MLFLOW_YML = 'server:\n  mlflow_tracking_uri: https://mlflow.example.com\n';

/** Writes a project, its conf/local/mlflow.yml (which git ignores) as well, and commits it. Returns the commit. */
export async function commitProject(repository: TemporaryRepository, folder = '', name = 'demo'): Promise<string> {
  const prefix = folder === '' ? '' : `${folder}/`;
  for (const [file, text] of Object.entries(projectFiles(name))) await repository.write(prefix + file, text);
  await repository.write(`${prefix}conf/local/mlflow.yml`, MLFLOW_YML);
  return commitAll(repository, `project ${folder}`);
}

export async function commitAll(repository: TemporaryRepository, message = 'change'): Promise<string> {
  await repository.git('add', '--all', '.');
  await repository.git('commit', '--quiet', '--no-gpg-sign', '--allow-empty', '-m', message);
  return repository.git('rev-parse', 'HEAD');
}
