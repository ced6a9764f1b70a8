import { readModel } from './model.js';
import { typesSource } from './types.js';
import { validatorsSource } from './validators.js';

/** Path inside the package -> text of every generated file. Pure, so that a test can hold the files against it. */
export function generatedFiles(): Readonly<Record<string, string>> {
  const model = readModel();
  return {
    'src/generated/types.ts': typesSource(model),
    'src/generated/validators.ts': validatorsSource(model),
  };
}
