/**
 * The rooms of src/ and what each may import: the arrows of the house (docs/architecture.md). What is not listed is
 * refused by lint; a test keeps the list complete and free of circles. Files at the top of src/ are open to all.
 */
export const ROOMS = {
  // Pure values, or the project's files through its source.
  secrets: [],
  image: ['secrets'],
  project: ['secrets'],
  // The outside: engines, registries, git, MLflow.
  network: ['secrets'],
  engine: ['image'],
  registry: ['image', 'network', 'secrets'],
  git: ['project'],
  authentication: ['network', 'registry', 'secrets'],
  mlflow: ['authentication', 'network', 'project', 'secrets'],
  config: ['authentication', 'git', 'image', 'project', 'registry', 'secrets'],
  // Use cases.
  // What is baked, to say before the build what the bake would refuse.
  checks: ['authentication', 'bake', 'config', 'image', 'mlflow', 'project', 'secrets'],
  fix: ['checks', 'config', 'project'],
  bake: ['authentication', 'config', 'engine', 'image', 'project'],
  builders: ['bake', 'checks', 'config', 'engine', 'git', 'image', 'project', 'registry', 'secrets'],
  publish: ['engine', 'image', 'project', 'registry', 'scan'],
  run: ['engine', 'image', 'project', 'secrets'],
  inspect: ['engine', 'image', 'registry'],
  scan: ['engine', 'image', 'registry', 'secrets'],
  doctor: ['authentication', 'checks', 'config', 'engine', 'hook', 'image', 'mlflow', 'project', 'registry', 'secrets'],
  hook: ['checks', 'config', 'git', 'project'],
  // What a person sees.
  ui: ['checks', 'config', 'fix', 'hook', 'image', 'project', 'scan', 'secrets'],
  completion: [],
  hooks: ['config', 'ui'],
  commands: [
    'authentication',
    'builders',
    'checks',
    'completion',
    'config',
    'doctor',
    'engine',
    'git',
    'hook',
    'image',
    'inspect',
    'mlflow',
    'project',
    'publish',
    'registry',
    'run',
    'scan',
    'ui',
  ],
};

/** What is printed passes through one file, which takes secrets and escape sequences out of it. */
const PRINTING = {
  selector:
    'CallExpression[callee.property.name="write"][callee.object.property.name=/^std(?:out|err)$/][callee.object.object.name="process"]',
  message: 'print with src/ui/output.ts',
};

/** One block of ESLint's configuration for each room. */
export const roomRules = Object.entries(ROOMS).map(([room, allowed]) => {
  const refused = Object.keys(ROOMS).filter((other) => other !== room && !allowed.includes(other));
  const message = `${room}/ may import ${allowed.length === 0 ? 'no other room' : allowed.join(', ')} (eslint.rooms.js)`;
  const regex = String.raw`^(\.\.\/)+(${refused.join('|')})\/`;
  return {
    files: [`src/${room}/**/*.ts`],
    rules: {
      'no-restricted-imports': ['error', { patterns: [{ regex, message }] }],
      // The rule above does not look at `import('…')`.
      'no-restricted-syntax': ['error', { selector: `ImportExpression[source.value=/${regex}/]`, message }, PRINTING],
      'no-console': 'error',
    },
  };
});
