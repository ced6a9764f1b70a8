/**
 * As much of JSON Schema as our own documents use.
 * @typedef {{ $ref?: string, type?: string | string[], const?: unknown, enum?: unknown[], anyOf?: Schema[], items?: Schema, properties?: Record<string, Schema>,
 *   required?: string[], description?: string, default?: unknown, minLength?: number, maxLength?: number, minimum?: number, maximum?: number, minItems?: number,
 *   maxItems?: number, format?: string, 'x-known-values'?: string[] }} Schema
 * @typedef {(reference: string) => Schema} Resolve what a `$ref` leads to
 */

/** A resolver for references within one document. @param {Record<string, any>} document @returns {Resolve} */
export const within = (document) => (reference) =>
  reference
    .replace(/^#\//, '')
    .split('/')
    .reduce((place, key) => place[key], document);

/** A row for each field, those of objects inside under `parent.child`. @param {Schema} schema @param {Resolve} resolve */
export function fieldTable(schema, resolve) {
  const rows = [...rowsOf(schema, resolve, '')];
  if (rows.length === 0) return 'No fields.\n';
  return ['| field | type | meaning |', '|---|---|---|', ...rows, ''].join('\n');
}

/** @param {Schema} schema @param {Resolve} resolve @param {string} prefix @returns {Iterable<string>} */
function* rowsOf(schema, resolve, prefix) {
  const { properties = {}, required = [] } = resolved(schema, resolve);
  for (const [name, property] of Object.entries(properties)) {
    const field = resolved(property, resolve);
    const optional = required.includes(name) ? '' : '?';
    yield `| \`${prefix}${name}${optional}\` | ${cell(typeOf(field, resolve))} | ${cell(meaningOf(field))} |`;
    const inner = field.items ? resolved(field.items, resolve) : field;
    yield* rowsOf(inner, resolve, `${prefix}${name}${field.items ? '[]' : ''}.`);
  }
}

/** What stands beside a reference says more than what it leads to. @param {Schema} schema @param {Resolve} resolve @returns {Schema} */
function resolved(schema, resolve) {
  return schema.$ref === undefined ? schema : { ...resolve(schema.$ref), ...schema };
}

/** @param {Schema} schema @param {Resolve} resolve @returns {string} */
function typeOf(schema, resolve) {
  const { const: only, enum: words, anyOf, items, type = 'any' } = schema;
  if (only !== undefined) return code(only);
  if (words) return words.map(code).join(', ');
  if (anyOf) return anyOf.map((one) => typeOf(resolved(one, resolve), resolve)).join(' or ');
  if (items) return `list of ${typeOf(resolved(items, resolve), resolve)}`;
  return [type].flat().join(' or ');
}

/** @param {Schema} schema */
function meaningOf(schema) {
  const {
    description,
    default: absent,
    'x-known-values': known,
  } = schema.anyOf ? { ...schema.anyOf[0], ...schema } : schema;
  return [
    description,
    bounds(schema),
    known && `Known: ${known.map(code).join(', ')}.`,
    absent !== undefined && `When absent: ${code(absent)}.`,
  ]
    .filter(Boolean)
    .join(' ');
}

/** Unless the description says them: JSON Schema counts UTF-16 units there, we do not. @param {Schema} schema */
function bounds({ description = '', minimum, maximum, minLength, maxLength, maxItems }) {
  if (/\d/.test(description)) return undefined;
  if (maxItems !== undefined) return `At most ${maxItems.toLocaleString('en')}.`;
  if (maxLength !== undefined) return `${minLength ?? 0}-${maxLength.toLocaleString('en')} characters.`;
  if (maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER)
    return `${minimum ?? 0}-${maximum.toLocaleString('en')}.`;
  return undefined;
}

/** @param {unknown} value */
const code = (value) => `\`${JSON.stringify(value).replace(/^"(.*)"$/, '$1')}\``;

/** @param {string} text */
const cell = (text) => text.replaceAll('|', '\\|').replaceAll('\n', ' ');
