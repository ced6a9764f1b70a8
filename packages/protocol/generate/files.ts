import { readFileSync } from 'node:fs';
import { asyncApiDocument } from './asyncapi.js';
import { jsonSchemaDocument } from './json-schema.js';
import { readModel } from './model.js';
import { typesSource } from './types.js';
import { validatorsSource } from './validators.js';

/** Path inside the package -> text of every generated file, so that a test can hold the files against it. */
export function generatedFiles(): Readonly<Record<string, string>> {
  const model = readModel();
  const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  return {
    'src/generated/types.ts': typesSource(model),
    'src/generated/validators.ts': validatorsSource(model),
    'schema/goconnect.schema.json': json(jsonSchemaDocument(model)),
    'schema/asyncapi.json': json(asyncApiDocument(model, manifest.version)),
  };
}

function json(document: unknown): string {
  return `${JSON.stringify(document, null, 2)}\n`;
}
