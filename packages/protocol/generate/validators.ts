import { FORMATS } from '../src/primitives/formats.js';
import type { Model, Schema } from './model.js';
import { HEADER, nullableOf } from './source.js';

/** Lets a bundler drop a table that nobody imports. */
const PURE = '/* @__PURE__ */ ';

const CHECKS = ['array', 'format', 'integer', 'nullable', 'object', 'oneOf', 'optional', 'record', 'string'];

/** The text of `src/generated/validators.ts`: the schemas as calls of the checks in `primitives/check.ts`. */
export function validatorsSource(model: Model): string {
  const { requests, events } = model;
  const checks = new Checks(model);
  const table = (name: string, types: string, rows: readonly (readonly [type: string, schema: string])[]) =>
    [
      `export const ${name} = ${PURE}validators<${types}>(() => ({`,
      ...rows.map(([type, schema]) => `  '${type}': ${checks.named(schema).replaceAll('\n', '\n  ')},`),
      '}));\n',
    ].join('\n');
  const tables = [
    '/** Request type -> validator of its `data`. */',
    table(
      'requestValidators',
      '{ [K in keyof RequestMap]: RequestMap[K]["data"] }',
      requests.map(({ type, data }) => [type, data]),
    ),
    '/** Request type -> validator of the `data` of its reply. */',
    table(
      'replyValidators',
      '{ [K in keyof RequestMap]: RequestMap[K]["reply"] }',
      requests.map(({ type, reply }) => [type, reply]),
    ),
    '/** Event type -> validator of its `data`. */',
    table(
      'eventValidators',
      'EventMap',
      events.map(({ type, data }) => [type, data]),
    ),
    '/** Requests with a lasting effect: a client queues them, a v1 server does each once (B4.1). */',
    set(
      'MUTATIONS',
      'RequestMap',
      requests.filter(({ mutation }) => mutation),
    ),
    '/** Requests that exist only where the session extension was negotiated. */',
    set(
      'V1_REQUESTS',
      'RequestMap',
      requests.filter(({ since }) => since === 'v1'),
    ),
    "/** Events that are entries of a room's log (B3.1). */",
    set(
      'RECOVERABLE_EVENTS',
      'EventMap',
      events.filter(({ recoverable }) => recoverable),
    ),
  ];
  const body = [...checks.declarations(), '', ...tables].join('\n');
  const used = CHECKS.filter((check) => new RegExp(`\\b${check}[(,]`).test(body));
  return [
    HEADER,
    importSource([...used, 'validators'].sort(), '../primitives/check.js'),
    importSource(['EventMap', 'RequestMap', ...checks.types()].sort(), './types.js', 'import type'),
    '',
    body,
  ].join('\n');
}

/** Writes one call for each schema, and collects what is used in several places as constants. */
class Checks {
  readonly #model: Model;
  readonly #declared = new Map<string, string>();
  readonly #types = new Set<string>();

  constructor(model: Model) {
    this.#model = model;
  }

  types(): string[] {
    return [...this.#types];
  }

  declarations(): string[] {
    return [...this.#declared].map(([name, source]) => `const ${name} = ${pure(source)};`);
  }

  /** The check of a named schema: in place when nothing else uses it, which makes the bundle smaller. */
  named(name: string): string {
    const entry = this.#model.schemas.find((schema) => schema.name === name);
    if (!entry) throw new Error(`There is no schema named ${name}.`);
    this.#types.add(name);
    const source = this.#object(entry.schema, `<${name}>`);
    return this.#isReferred(name)
      ? this.#declare(name.charAt(0).toLowerCase() + name.slice(1), source)
      : source;
  }

  #isReferred(name: string): boolean {
    return this.#model.schemas.some(({ schema }) => JSON.stringify(schema).includes(`"$ref":"${name}"`));
  }

  #declare(name: string, source: string): string {
    this.#declared.set(name, source);
    return name;
  }

  #object({ properties = {}, required = [] }: Schema, type = ''): string {
    const fields = Object.entries(properties).map(([key, field]) => {
      if (key in {}) throw new Error(`A field named "${key}" would be found in every object.`);
      const check = this.#field(field);
      const isOptional = !required.includes(key) && field.default === undefined;
      return `\n${key}: ${isOptional ? `optional(${check})` : check},`;
    });
    const body = fields.join('').replaceAll('\n', '\n  ');
    return `object${type}({${body}${body === '' ? '' : '\n'}})`;
  }

  #field(schema: Schema): string {
    if (schema.default === undefined) return this.#value(schema);
    const { default: fallback, ...rest } = schema;
    const text = JSON.stringify(fallback);
    return `optional(${this.#value(rest)}, () => ${text.startsWith('{') ? `(${text})` : text})`;
  }

  #value(schema: Schema): string {
    if (schema.$ref !== undefined) return this.named(schema.$ref);
    const inner = nullableOf(schema);
    if (inner) return `nullable(${this.#value(inner)})`;
    if (schema.enum) return `oneOf(${schema.enum.map((word) => `'${word}'`).join(', ')})`;
    switch (schema.type) {
      case 'string':
        return this.#string(schema);
      case 'integer':
        return this.#integer(schema);
      case 'boolean':
        return 'oneOf(true, false)';
      case 'array':
        return `array(${this.#value(schema.items ?? {})}, ${bound(schema.maxItems)})`;
      case 'object':
        return schema.properties ? this.#object(schema) : 'record';
      default:
        throw new Error(`No check is known for ${JSON.stringify(schema)}.`);
    }
  }

  #string({ format, minLength = 0, maxLength }: Schema): string {
    if (format !== undefined) {
      const name = format.replace('goconnect-', '');
      if (!Object.hasOwn(FORMATS, name)) throw new Error(`There is no format "${name}" in FORMATS.`);
      return this.#declare(name, `format('${name}')`);
    }
    if (minLength > 1) throw new Error('A least length over 1 would have to be counted in code points.');
    const max = bound(maxLength);
    return this.#declare(`string${minLength}To${max}`, `string(${minLength}, ${max})`);
  }

  #integer({ minimum, maximum }: Schema): string {
    const [min, max] = [bound(minimum), bound(maximum)];
    const name = max === Number.MAX_SAFE_INTEGER ? `integerFrom${min}` : `integer${min}To${max}`;
    return this.#declare(name, `integer(${min}, ${max})`);
  }
}

/** Marks every call: a bundler keeps an unused one whose arguments it has to think of as effects. */
function pure(source: string): string {
  return source.replaceAll(/\b\w+(<\w+>)?\((?!\))/g, (call) => `${PURE}${call}`);
}

function importSource(names: readonly string[], from: string, keyword = 'import'): string {
  return `${keyword} {\n${names.map((name) => `  ${name},\n`).join('')}} from '${from}';`;
}

function set(name: string, map: string, rows: readonly { readonly type: string }[]): string {
  const lines = rows.map(({ type }) => `  '${type}',`);
  return `export const ${name}: ReadonlySet<keyof ${map}> = ${PURE}new Set<keyof ${map}>([\n${lines.join('\n')}\n]);\n`;
}

/** Everything that comes off the wire has a bound; a schema without one is a mistake. */
function bound(value: number | undefined): number {
  if (value === undefined) throw new Error('Each string, number and array of the contract needs its bounds.');
  return value;
}
