import { writeFile } from 'node:fs/promises';
import { configurationJsonSchema } from '../src/config/json-schema.js';

/** Writes schema/kdeploy.schema.json, which ships with the package: npm run schema. A unit test tells when it is stale. */
await writeFile(
  new URL('../schema/kdeploy.schema.json', import.meta.url),
  `${JSON.stringify(configurationJsonSchema(), null, 2)}\n`,
);
