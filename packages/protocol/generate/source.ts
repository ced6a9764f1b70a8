import type { Schema } from './model.js';

export const HEADER =
  '// Written by `npm run generate` from the schemas in messages/. Not to be edited by hand.\n';

/** The `T` of a schema that says "T or null". */
export function nullableOf({ anyOf }: Schema): Schema | undefined {
  if (!anyOf) return undefined;
  const [inner, none] = anyOf;
  if (anyOf.length !== 2 || !inner || none?.type !== 'null') {
    throw new Error(`The only union the generators know is with null: ${JSON.stringify(anyOf)}.`);
  }
  return inner;
}
