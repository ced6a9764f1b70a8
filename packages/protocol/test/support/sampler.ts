import type { Model, Schema } from '../../generate/model.js';
import type { Choices } from './random.js';

const CHARACTERS = [
  'a',
  'Z',
  '0',
  '_',
  '-',
  ' ',
  'é',
  '中',
  '😀',
  '👩‍👩‍👧',
  '\ud83d',
  '\ude00',
  '\0',
  '\n',
  '"',
  '\u202e',
  ':',
];

const URLS = [
  ...['https://example.com/a.png', 'http://example.com:8080/?b#c', 'HTTPS://EXAMPLE.COM', 'https://[::1]/'],
  ...[
    'javascript:alert(1)',
    'data:text/html,x',
    'http://user:pw@example.com',
    'https://u@example.com',
    '//x.org',
  ],
  ...[
    'https:example.com',
    'https://',
    'https:///x',
    'https:\\\\x',
    ' https://x.org',
    'https://x.org/ y',
    'https://x\n.org',
  ],
  ...[
    'https://x.org/\ud800',
    'https://x.org/\0',
    'ftp://x.org',
    'blob:https://x.org/1',
    'https://xn--/',
    'https://%00/',
  ],
];
const ROOMS = [
  ...[
    'host',
    'network:abc',
    'tenant:abc',
    `network:${'n'.repeat(64)}`,
    `tenant:${'n'.repeat(65)}`,
    'network:',
    'host\n',
  ],
  ...[
    'Host',
    'network:a b',
    'network:é',
    'tenant:a:b',
    ' host',
    'hosts',
    'constructor',
    '__proto__',
    'network:😀',
  ],
];
const HOSTILE_TEXT = [
  '',
  '\0',
  '\ud800',
  '\udc00\ud800',
  '__proto__',
  'constructor',
  'soft',
  'hard',
  'x'.repeat(5_000),
];
const HOSTILE: readonly unknown[] = [
  ...[
    null,
    undefined,
    true,
    false,
    0,
    -0,
    1,
    -1,
    1.5,
    101,
    2 ** 53,
    2 ** 53 - 1,
    1e308,
    Number.NaN,
    Infinity,
    -Infinity,
  ],
  ...HOSTILE_TEXT,
  ...['7', {}, [], [[]], [null], { length: 3 }, { 0: 'a' }],
];
const HOSTILE_KEYS = [
  '__proto__',
  'constructor',
  'prototype',
  'hasOwnProperty',
  'toString',
  'length',
  '',
  '0',
  'later',
];

type Container = { [key: string]: unknown };

/** Makes values for a schema: valid ones, ones on the edge, and ones that were then damaged. */
export class Sampler {
  readonly #schemas: ReadonlyMap<string, Schema>;
  readonly #choices: Choices;

  constructor(model: Model, choices: Choices) {
    this.#schemas = new Map(model.schemas.map(({ name, schema }) => [name, schema]));
    this.#choices = choices;
  }

  /** A value for the named schema; about every third one is left as it should be. */
  sample(name: string): unknown {
    let value = this.#value({ $ref: name });
    if (this.#choices.chance(0.35)) return value;
    for (let damages = this.#choices.integer(1, 3); damages > 0; damages--) value = this.#damaged(value);
    return value;
  }

  #value(schema: Schema): unknown {
    const choices = this.#choices;
    if (schema.$ref !== undefined) return this.#value(this.#schemas.get(schema.$ref) ?? {});
    if (schema.anyOf) return this.#value(choices.of(schema.anyOf));
    if (schema.enum) return choices.of(schema.enum);
    switch (schema.type) {
      case 'string':
        return this.#string(schema);
      case 'integer':
        return this.#integer(schema);
      case 'boolean':
        return choices.chance(0.5);
      case 'array':
        return this.#array(schema);
      case 'object':
        return schema.properties ? this.#object(schema, schema.properties) : this.#anyObject(2);
      default:
        return null;
    }
  }

  #string({ format, minLength = 0, maxLength = 4_096 }: Schema): string {
    const choices = this.#choices;
    if (format === 'goconnect-room') return choices.of(ROOMS.slice(0, 4));
    if (format === 'goconnect-scope') return choices.of(ROOMS.slice(0, 2));
    if (format === 'goconnect-url') return choices.of(URLS.slice(0, 4));
    const max = format === 'goconnect-id' ? 128 : maxLength;
    if (choices.chance(0.03))
      return choices.of(['x', '😀', 'é']).repeat(choices.of([max, max, max - 1, minLength]));
    const characters = format === undefined ? CHARACTERS : CHARACTERS.slice(0, 10);
    let text = '';
    for (let length = choices.integer(1, 12); length > 0; length--) text += choices.of(characters);
    return text;
  }

  #integer({ minimum = 0, maximum = 0 }: Schema): number {
    const edges = [minimum, maximum, minimum + 1, maximum - 1, minimum === 0 ? -0 : minimum];
    return this.#choices.chance(0.3)
      ? this.#choices.of(edges)
      : this.#choices.integer(minimum, Math.min(maximum, 100_000));
  }

  #array({ items = {}, maxItems = 0 }: Schema): unknown[] {
    const atTheBound = this.#choices.chance(0.001);
    const length = atTheBound ? maxItems : this.#choices.integer(0, Math.min(maxItems, 3));
    return Array.from({ length }, () => this.#value(items));
  }

  #object({ required = [] }: Schema, properties: Readonly<Record<string, Schema>>): Container {
    const object: Container = this.#choices.chance(0.02) ? Object.create(null) : {};
    for (const [key, field] of Object.entries(properties)) {
      const isOptional = !required.includes(key) || field.default !== undefined;
      if (isOptional && this.#choices.chance(0.3)) continue;
      object[key] = isOptional && this.#choices.chance(0.1) ? undefined : this.#value(field);
    }
    return object;
  }

  #anyObject(depth: number): Container {
    const object: Container = {};
    for (let keys = this.#choices.integer(0, 3); keys > 0; keys--) {
      const inner = depth > 0 && this.#choices.chance(0.3) ? this.#anyObject(depth - 1) : this.#hostile();
      put(object, this.#choices.of(HOSTILE_KEYS), inner);
    }
    return object;
  }

  /** A fresh one each time: a later damage must not change what other samples share. */
  #hostile(): unknown {
    const value = this.#choices.of(HOSTILE);
    return typeof value === 'object' ? structuredClone(value) : value;
  }

  #damaged(root: unknown): unknown {
    const choices = this.#choices;
    const places = placesOf(root);
    if (places.length === 0 || choices.chance(0.05)) return this.#damagedLeaf(root);
    const { container, key } = choices.of(places);
    if (choices.chance(0.25)) {
      if (Array.isArray(container)) container.splice(Number(key), 1);
      else delete container[key];
    } else if (choices.chance(0.15)) {
      put(container, choices.of(HOSTILE_KEYS), this.#hostile());
    } else put(container, key, this.#damagedLeaf(container[key]));
    return root;
  }

  #damagedLeaf(value: unknown): unknown {
    const choices = this.#choices;
    if (typeof value === 'string' && choices.chance(0.6)) return this.#damagedText(value);
    if (typeof value === 'number' && choices.chance(0.5))
      return choices.of([-value, value + 0.5, value + 1, value * 2 ** 40]);
    if (Array.isArray(value) && choices.chance(0.5)) {
      const bound = choices.of([11, 101, 257, 1_001, choices.chance(0.02) ? 10_001 : 12]);
      return Array.from({ length: bound }, (_, index) => value[index % value.length] ?? this.#hostile());
    }
    return this.#hostile();
  }

  #damagedText(text: string): string {
    const choices = this.#choices;
    switch (choices.integer(0, 5)) {
      case 0:
        return choices.of(URLS);
      case 1:
        return choices.of(ROOMS);
      case 2:
        return choices.of(HOSTILE_TEXT);
      case 3: {
        // One too many, or just not: of units, and of code points.
        const length = choices.of([64, 65, 128, 129, 2_048, 2_049, 4_096, 4_097]);
        return choices.of(['x', '😀']).repeat(length - 1) + choices.of(['x', '😀', '\ud83d', '\0']);
      }
      default: {
        const at = choices.integer(0, text.length);
        return text.slice(0, at) + choices.of(CHARACTERS) + text.slice(at);
      }
    }
  }
}

/** Sets an own property, `__proto__` too, as JSON.parse does. A list knows no such names: it gets one more member. */
function put(container: Container | unknown[], key: string, value: unknown): void {
  if (Array.isArray(container) && !/^\d+$/.test(key)) {
    container.push(value);
    return;
  }
  Object.defineProperty(container, key, { value, writable: true, enumerable: true, configurable: true });
}

function placesOf(root: unknown): { readonly container: Container; readonly key: string }[] {
  const places: { container: Container; key: string }[] = [];
  const waiting = [root];
  for (let value = waiting.pop(); places.length < 200 && value !== undefined; value = waiting.pop()) {
    if (typeof value !== 'object' || value === null) continue;
    const container = value as Container;
    for (const key of Object.keys(container).slice(0, 40)) {
      if (Array.isArray(container) && !/^\d+$/.test(key)) continue;
      places.push({ container, key });
      waiting.push(container[key] ?? null);
    }
  }
  return places;
}
