import { z } from 'zod';
import { errorBody, requestEnvelope, serverEnvelope } from '../src/envelope.js';
import { ERROR_CODES } from '../src/primitives/error-codes.js';
import { LIMITS } from '../src/primitives/limits.js';
import { type Model, type Schema, wireSchemas } from './model.js';

type Json = Readonly<Record<string, unknown>>;

/** What plain JSON Schema can say of the rules in `FORMATS`; whoever knows the format itself checks the rest. */
const PORTABLE: Readonly<Record<string, Json>> = {
  'goconnect-text': { minLength: 1, maxLength: LIMITS.bodyCodePoints },
  'goconnect-id': { minLength: 1, maxLength: LIMITS.idLength },
  'goconnect-room': { pattern: `^(host|(tenant|network):[A-Za-z0-9_-]{1,${LIMITS.roomIdLength}})$` },
  'goconnect-scope': { pattern: `^(host|network:[A-Za-z0-9_-]{1,${LIMITS.roomIdLength}})$` },
  'goconnect-url': { pattern: '^[Hh][Tt][Tt][Pp][Ss]?://', maxLength: LIMITS.attachmentUrlLength },
};

/**
 * Name -> schema of every payload, and of every envelope that carries one: `ChatSend` is the `data` of a
 * `ChatSendRequest`, `ChatSendAck` of a `ChatSendReply`, `ChatMessage` of a `ChatMessageEvent`.
 *
 * @param refer  how one definition refers to another, for example `#/$defs/ChatSend`
 */
export function definitions(model: Model, refer: (name: string) => string): Readonly<Record<string, Json>> {
  const request = portable(envelopeSchema(requestEnvelope), refer);
  const server = portable(envelopeSchema(serverEnvelope), refer);
  const wire = wireSchemas();
  const isEmpty = (name: string) => Object.keys(wire[name]?.properties ?? {}).length === 0;
  const payloads = model.schemas.map(({ name }) => [name, portable(wire[name] ?? {}, refer)] as const);
  const requests = model.requests.flatMap(({ type, data, replyType, reply }) => [
    [
      requestName(data),
      message(request, `\`${type}\``, {
        type: { const: type },
        kept: ['op_id', 'meta'],
        carried: { data: { $ref: refer(data) } },
        required: isEmpty(data) ? ['op_id'] : ['op_id', 'data'],
      }),
    ] as const,
    [
      replyName(data),
      message(server, `Answer to \`${type}\`.`, {
        type: { const: replyType },
        kept: ['op_id', 'meta'],
        carried: { data: { $ref: refer(reply) } },
        required: ['op_id', 'data'],
      }),
    ] as const,
  ]);
  const events = model.events.map(({ type, data, recoverable }) => [
    eventName(data),
    message(server, `\`${type}\``, {
      type: { const: type },
      kept: recoverable ? ['room', 'seq', 'meta'] : ['meta'],
      carried: { data: { $ref: refer(data) } },
      required: ['data'],
    }),
  ]);
  const error = message(server, 'A refused request; without `op_id` a fault that belongs to none.', {
    type: { const: 'error' },
    kept: ['op_id', 'meta'],
    carried: { error: { $ref: refer('ErrorBody') } },
    required: ['error'],
  });
  const body = portable(envelopeSchema(errorBody), refer);
  return Object.fromEntries([
    ...payloads,
    ['ErrorBody', withKnownCodes(body)],
    ...requests,
    ...events,
    ['ErrorMessage', error],
  ]);
}

export const requestName = (data: string) => `${data}Request`;
export const replyName = (data: string) => `${data}Reply`;
export const eventName = (data: string) => `${data}Event`;

/** `schema/goconnect.schema.json`: one document for validators in any language. */
export function jsonSchemaDocument(model: Model): Json {
  const refer = (name: string) => `#/$defs/${name}`;
  const anyOf = (names: readonly string[]) => names.map((name) => ({ $ref: refer(name) }));
  const fromClient = model.requests.map(({ data }) => requestName(data));
  const fromServer = [
    ...model.requests.map(({ data }) => replyName(data)),
    ...model.events.map(({ data }) => eventName(data)),
    'ErrorMessage',
  ];
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: 'https://goconnect.example/schema/v1.json',
    title: 'GoConnect wire contract',
    description:
      'Every message between a GoConnect client and server. Readers ignore unknown fields, unknown types of events and unknown words.',
    anyOf: [{ $ref: refer('FromClient') }, { $ref: refer('FromServer') }],
    $defs: {
      FromClient: { description: 'Whatever a client may send.', anyOf: anyOf(fromClient) },
      FromServer: { description: 'Whatever a server of this version sends.', anyOf: anyOf(fromServer) },
      ...definitions(model, refer),
    },
  };
}

function envelopeSchema(schema: z.ZodType): Schema {
  return z.toJSONSchema(schema, { io: 'input' }) as Schema;
}

interface Narrowing {
  readonly type: Json;
  /** Fields of the envelope that this kind of message has. */
  readonly kept: readonly string[];
  readonly carried: Json;
  readonly required: readonly string[];
}

/** An envelope narrowed to one type of message. */
function message(envelope: Json, description: string, { type, kept, carried, required }: Narrowing): Json {
  const properties = envelope.properties as Json;
  const fields = Object.fromEntries(kept.map((field) => [field, properties[field]]));
  return {
    description,
    type: 'object',
    properties: { type, ...fields, ...carried },
    required: ['type', ...required],
  };
}

function withKnownCodes(body: Json): Json {
  const { code, ...others } = body.properties as Json;
  return {
    ...body,
    properties: { code: { ...(code as Json), 'x-known-values': Object.keys(ERROR_CODES) }, ...others },
  };
}

/** The same schema with references that resolve and formats that a plain validator can use. */
function portable(schema: Schema, refer: (name: string) => string): Json {
  const { $schema: _schema, $id: _id, $ref, properties, items, anyOf, ...rest } = schema as Schema & Json;
  return {
    ...($ref !== undefined && { $ref: refer($ref) }),
    ...rest,
    ...PORTABLE[schema.format ?? ''],
    ...(properties && { properties: mapValues(properties, (field) => portable(field, refer)) }),
    ...(items && { items: portable(items, refer) }),
    ...(anyOf && { anyOf: anyOf.map((one) => portable(one, refer)) }),
  };
}

function mapValues<T, U>(record: Readonly<Record<string, T>>, change: (value: T) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));
}
