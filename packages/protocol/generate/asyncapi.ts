import { definitions, eventName, replyName, requestName } from './json-schema.js';
import type { Model } from './model.js';

type Json = Readonly<Record<string, unknown>>;

const reference = (path: string) => ({ $ref: `#/${path}` });
const ofChannel = (message: string) => reference(`channels/socket/messages/${message}`);

/** `schema/asyncapi.json`: the contract as an AsyncAPI 3 document, from the server's point of view. */
export function asyncApiDocument(model: Model, version: string): Json {
  const schemas = definitions(model, (name) => `#/components/schemas/${name}`);
  const messages = messageTable(model, schemas);
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'GoConnect WebSocket API',
      version,
      description:
        'Chat, presence and membership events over one WebSocket. Messages marked `v1` exist only on connections that negotiated the subprotocol `goconnect.v1`.',
      license: { name: 'MIT', url: 'https://opensource.org/license/mit' },
    },
    defaultContentType: 'application/json',
    servers: {
      production: server('api.goconnect.example', 'wss'),
      development: server('localhost:8080', 'ws'),
    },
    channels: {
      socket: {
        address: '/v1/ws',
        description: 'Text frames, one JSON object each.',
        messages: Object.fromEntries(
          Object.keys(messages).map((name) => [name, reference(`components/messages/${name}`)]),
        ),
        bindings: { ws: { bindingVersion: '0.1.0', method: 'GET', query: QUERY } },
      },
    },
    operations: operations(model),
    components: { schemas, messages, securitySchemes: SECURITY },
  };
}

const QUERY = {
  type: 'object',
  properties: {
    token: { type: 'string', description: 'The access token, where no header can be set.' },
    client_id: { type: 'string', format: 'uuid', description: 'Names the client instance (B1.4).' },
  },
};

const SECURITY = {
  bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
  token: { type: 'httpApiKey', name: 'token', in: 'query' },
};

function server(host: string, protocol: string): Json {
  const security = Object.keys(SECURITY).map((name) => reference(`components/securitySchemes/${name}`));
  return { host, protocol, security };
}

function messageTable(model: Model, schemas: Readonly<Record<string, Json>>): Readonly<Record<string, Json>> {
  const message = (name: string, title: string, payload: string, since: string) => ({
    name,
    title,
    summary: schemas[payload]?.description,
    tags: [{ name: since }],
    payload: reference(`components/schemas/${name}`),
  });
  const correlated = { correlationId: { location: '$message.payload#/op_id' } };
  return Object.fromEntries([
    ...model.requests.flatMap(({ type, data, reply, replyType, since }) => [
      [requestName(data), { ...message(requestName(data), type, data, since), ...correlated }],
      [
        replyName(data),
        { ...message(replyName(data), `${replyType} of ${type}`, reply, since), ...correlated },
      ],
    ]),
    ...model.events.map(({ type, data, since }) => [
      eventName(data),
      message(eventName(data), type, data, since),
    ]),
    ['ErrorMessage', message('ErrorMessage', 'error', 'ErrorMessage', 'base')],
  ]);
}

function operations(model: Model): Json {
  const channel = reference('channels/socket');
  return Object.fromEntries([
    ...model.requests.map(({ type, data }) => [
      type,
      {
        action: 'receive',
        channel,
        messages: [ofChannel(requestName(data))],
        reply: { channel, messages: [ofChannel(replyName(data)), ofChannel('ErrorMessage')] },
      },
    ]),
    ...model.events.map(({ type, data }) => [
      type,
      { action: 'send', channel, messages: [ofChannel(eventName(data))] },
    ]),
    ['error', { action: 'send', channel, messages: [ofChannel('ErrorMessage')] }],
  ]);
}
