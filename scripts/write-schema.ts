import { writeFile } from 'node:fs/promises';
import { RULES } from '../src/checks/rules.js';
import { configurationJsonSchema } from '../src/config/settings/json-schema.js';

/** Writes schema/kdeploy.schema.json, which ships with the package: npm run schema. A unit test tells when it is stale. */
await writeFile(
  new URL('../schema/kdeploy.schema.json', import.meta.url),
  `${JSON.stringify(configurationJsonSchema(RULES), null, 2)}\n`,
);
