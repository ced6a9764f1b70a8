import type { Model, NamedSchema, Schema, Side } from './model.js';
import { HEADER, nullableOf } from './source.js';

/** The text of `src/generated/types.ts`: an interface for each schema, and the two maps from type to interface. */
export function typesSource({ schemas, requests, events }: Model): string {
  return [
    HEADER,
    ...schemas.map(interfaceSource),
    '/** Request type -> its `data`, and the `data` of its reply. */',
    'export interface RequestMap {',
    ...requests.map(({ type, data, reply }) => `  '${type}': { data: ${data}; reply: ${reply} };`),
    '}',
    '',
    '/** Event type -> its `data`. */',
    'export interface EventMap {',
    ...events.map(({ type, data }) => `  '${type}': ${data};`),
    '}',
    '',
  ].join('\n');
}

function interfaceSource({ name, side, schema }: NamedSchema): string {
  const fields = Object.entries(schema.properties ?? {});
  const doc = docComment(schema.description, '');
  if (fields.length === 0) return `${doc}export type ${name} = Record<string, never>;\n`;
  return `${doc}export interface ${name} ${objectType(schema, side, '')}\n`;
}

function objectType({ properties = {}, required = [] }: Schema, side: Side, indent: string): string {
  const fields = Object.entries(properties).map(([key, field]) => {
    const isOptional = !required.includes(key);
    // A writer may say `undefined` for absent; a reader never meets it.
    const type = typeOf(field, side, `${indent}  `) + (isOptional && side === 'input' ? ' | undefined' : '');
    return `${docComment(field.description, `${indent}  `)}${indent}  readonly ${key}${isOptional ? '?' : ''}: ${type};`;
  });
  return `{\n${fields.join('\n')}\n${indent}}`;
}

function typeOf(schema: Schema, side: Side, indent: string): string {
  if (schema.$ref !== undefined) return schema.$ref;
  const inner = nullableOf(schema);
  if (inner) return `${typeOf(inner, side, indent)} | null`;
  if (schema.enum) return schema.enum.map((word) => `'${word}'`).join(' | ');
  const known = schema['x-known-values'];
  // `string & {}` keeps the known words in completions where plain `string` would swallow them.
  if (known) return [...known.map((word) => `'${word}'`), '(string & {})'].join(' | ');
  switch (schema.type) {
    case 'string':
    case 'boolean':
      return schema.type;
    case 'integer':
      return 'number';
    case 'array':
      return arrayType(schema, side, indent);
    case 'object':
      return schema.properties ? objectType(schema, side, indent) : 'Record<string, unknown>';
    default:
      throw new Error(`No TypeScript type is known for ${JSON.stringify(schema)}.`);
  }
}

/** Writers may hand in an array they cannot change; readers get one of their own. */
function arrayType({ items = {} }: Schema, side: Side, indent: string): string {
  const item = typeOf(items, side, indent);
  const array = /[|&]/.test(item) && !item.startsWith('{') ? `(${item})[]` : `${item}[]`;
  return side === 'input' ? `readonly ${array}` : array;
}

function docComment(description: string | undefined, indent: string): string {
  return description === undefined ? '' : `${indent}/** ${description} */\n`;
}
