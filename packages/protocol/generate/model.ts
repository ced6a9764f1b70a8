import { z } from 'zod';
import * as auth from '../src/messages/auth.js';
import * as chat from '../src/messages/chat.js';
import * as membership from '../src/messages/membership.js';
import * as network from '../src/messages/network.js';
import * as presence from '../src/messages/presence.js';
import * as room from '../src/messages/room.js';
import * as session from '../src/messages/session.js';
import { EVENTS, REQUESTS } from '../src/registry.js';

/** A JSON Schema as zod writes it, cut down to the keywords that the generators understand. */
export interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly anyOf?: readonly Schema[];
  readonly enum?: readonly string[];
  readonly format?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly maxItems?: number;
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly propertyNames?: Schema;
  readonly additionalProperties?: Schema | boolean;
  readonly 'x-known-values'?: readonly string[];
}

/** `input`: what may be written; `output`: what a reader has, defaults filled in. */
export type Side = 'input' | 'output';

export interface NamedSchema {
  readonly name: string;
  readonly side: Side;
  readonly schema: Schema;
}

export interface RequestModel {
  readonly type: string;
  readonly data: string;
  readonly reply: string;
  readonly replyType: string;
  readonly mutation: boolean;
  readonly since: 'base' | 'v1';
}

export interface EventModel {
  readonly type: string;
  readonly data: string;
  readonly recoverable: boolean;
  readonly since: 'base' | 'v1';
}

/** Everything the generators write from: the registry with a name for each schema, in an order that never varies. */
export interface Model {
  /** What another one refers to stands before it. */
  readonly schemas: readonly NamedSchema[];
  readonly requests: readonly RequestModel[];
  readonly events: readonly EventModel[];
}

const KEYWORDS = new Set([
  ...[
    '$ref',
    'type',
    'description',
    'default',
    'anyOf',
    'enum',
    'format',
    'minLength',
    'maxLength',
    'minimum',
  ],
  ...['maximum', 'maxItems', 'items', 'properties', 'required', 'propertyNames', 'additionalProperties'],
  ...['x-known-values', '$schema', '$id'],
]);

/** Name -> schema of what may stand on the wire, before a reader fills in defaults. */
export function wireSchemas(): Readonly<Record<string, Schema>> {
  return jsonSchemas(schemaNames(), 'input');
}

export function readModel(): Model {
  const names = schemaNames();
  const nameOf = (schema: z.ZodType) => {
    const name = names.get(schema);
    if (name === undefined)
      throw new Error('A schema of the registry is not exported by a file of messages/.');
    return name;
  };
  const requests = Object.entries(REQUESTS).map(([type, entry]) => ({
    type,
    data: nameOf(entry.data),
    reply: nameOf(entry.ack),
    replyType: entry.reply,
    mutation: entry.mutation,
    since: entry.since,
  }));
  const events = Object.entries(EVENTS).map(([type, entry]) => ({
    type,
    data: nameOf(entry.data),
    recoverable: entry.recoverable,
    since: entry.since,
  }));

  const bySide = { input: jsonSchemas(names, 'input'), output: jsonSchemas(names, 'output') };
  const found = new Map<string, NamedSchema>();
  const visit = (name: string, side: Side) => {
    const known = found.get(name);
    if (known && known.side !== side)
      throw new Error(`${name} is both written and read; give each side its own schema.`);
    if (known) return;
    const schema = bySide[side][name];
    if (!schema) throw new Error(`There is no schema named ${name}.`);
    for (const reference of references(schema)) visit(reference, side);
    found.set(name, { name, side, schema });
  };
  for (const { data } of requests) visit(data, 'input');
  for (const { reply } of requests) visit(reply, 'output');
  for (const { data } of events) visit(data, 'output');
  return { schemas: [...found.values()], requests, events };
}

/** The name of each object schema that a file of messages/ exports: `chatSend` is `ChatSend`. */
function schemaNames(): Map<z.ZodType, string> {
  const names = new Map<z.ZodType, string>();
  for (const family of [auth, chat, room, presence, membership, network, session]) {
    for (const [key, value] of Object.entries(family)) {
      if (value instanceof z.ZodObject) names.set(value, key.charAt(0).toUpperCase() + key.slice(1));
    }
  }
  return names;
}

function jsonSchemas(names: Map<z.ZodType, string>, io: Side): Readonly<Record<string, Schema>> {
  const registry = z.registry<{ id: string }>();
  for (const [schema, id] of names) registry.add(schema, { id });
  const { schemas } = z.toJSONSchema(registry, { io, uri: (id) => id });
  for (const schema of Object.values(schemas)) refuseUnknownKeywords(schema as Schema);
  return schemas as Readonly<Record<string, Schema>>;
}

/** A keyword nobody here understands would be a rule that is silently not generated. */
function refuseUnknownKeywords(schema: Schema): void {
  for (const keyword of Object.keys(schema)) {
    if (!KEYWORDS.has(keyword))
      throw new Error(`The generators do not know the JSON Schema keyword "${keyword}".`);
  }
  for (const part of parts(schema)) refuseUnknownKeywords(part);
}

function references(schema: Schema): string[] {
  return [...(schema.$ref === undefined ? [] : [schema.$ref]), ...parts(schema).flatMap(references)];
}

function parts({ properties, items, anyOf, additionalProperties }: Schema): Schema[] {
  return [
    ...Object.values(properties ?? {}),
    ...(items ? [items] : []),
    ...(anyOf ?? []),
    ...(typeof additionalProperties === 'object' ? [additionalProperties] : []),
  ];
}
