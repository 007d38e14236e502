import { readdir, rm, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { createGenerator } from 'ts-json-schema-generator';
import { format, resolveConfig } from 'prettier';

/**
 * Writes a JSON Schema for each output that programs read, from its TypeScript type: npm run schema. The tests validate
 * every output that they see.
 */
const OUTPUTS = {
  'auth-token': ['TokenResult', 'kdeploy auth token --json'],
  autocomplete: ['AutocompleteResult', 'kdeploy autocomplete --json'],
  bake: ['BakeResult', 'kdeploy bake --json'],
  build: ['BuildResult', 'kdeploy build --json'],
  'build-metadata': ['BuildMetadata', 'kdeploy build --metadata-file'],
  'cache-info': ['CacheInfoResult', 'kdeploy cache info --json'],
  'cache-prune': ['CachePruneResult', 'kdeploy cache prune --json'],
  'check-explain': ['RulePage', 'kdeploy check --explain RULE --json'],
  'check-report': ['Report', 'kdeploy check --json'],
  dag: ['DagResult', 'kdeploy dag --json'],
  doctor: ['DoctorResult', 'kdeploy doctor --json'],
  error: ['ErrorOutput', 'any command with --json that failed'],
  help: ['HelpResult', 'kdeploy help --json'],
  'hook-install': ['InstalledHook', 'kdeploy hook install --json'],
  'hook-run': ['HookRunResult', 'kdeploy hook run --json'],
  'hook-uninstall': ['UninstalledHook', 'kdeploy hook uninstall --json'],
  init: ['InitResult', 'kdeploy init --json'],
  inspect: ['InspectResult', 'kdeploy inspect --json'],
  push: ['PushResult', 'kdeploy push --json'],
  run: ['RunCommandResult', 'kdeploy run --json'],
  version: ['VersionResult', 'kdeploy version --json'],
};

const root = fileURLToPath(new URL('..', import.meta.url));
const generator = createGenerator({
  path: `${root}src/{commands/**/*,ui/error-text,builders/metadata-file}.ts`,
  tsconfig: `${root}tsconfig.json`,
  // `npm run typecheck` does that.
  skipTypeCheck: true,
  additionalProperties: true,
  jsDoc: 'extended',
});

for (const file of await readdir(`${root}schema`)) {
  if (file !== 'kdeploy.schema.json') await rm(`${root}schema/${file}`);
}
for (const [name, [type, title]] of Object.entries(OUTPUTS)) {
  const { $ref, definitions } = generator.createSchema(type);
  addVersion({ $ref }, definitions);
  const description = 'Version 1: keys may be added. One that is removed or gets another meaning raises the version';
  const schema = { $schema: 'http://json-schema.org/draft-07/schema#', title, description, $ref, definitions };
  // Draft 7 ignores what is beside a reference.
  const text = JSON.stringify({ ...schema, $ref: undefined, allOf: [{ $ref }] });
  const file = `${root}schema/${name}.schema.json`;
  await writeFile(file, await format(text, { ...(await resolveConfig(file)), filepath: file }));
}

/** The version is not part of the results: the base command adds it to all of them. */
function addVersion(schema, definitions) {
  if (schema.$ref !== undefined) {
    addVersion(definitions[decodeURIComponent(schema.$ref.replace('#/definitions/', ''))], definitions);
  } else if (schema.anyOf !== undefined) {
    for (const alternative of schema.anyOf) addVersion(alternative, definitions);
  } else {
    schema.properties = {
      version: { const: 1, description: 'The version of this format' },
      ...without(schema.properties, 'version'),
    };
    schema.required = [...new Set(['version', ...(schema.required ?? [])])];
  }
}

function without(properties, key) {
  return Object.fromEntries(Object.entries(properties ?? {}).filter(([name]) => name !== key));
}
