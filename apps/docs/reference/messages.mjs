import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { EVENTS, REQUESTS } from '@goconnect/protocol';
import { fieldTable, within } from './fields.mjs';

const GOLDEN = new URL('../../../packages/protocol/golden/', import.meta.url);

const asyncapi = JSON.parse(
  readFileSync(fileURLToPath(import.meta.resolve('@goconnect/protocol/asyncapi')), 'utf8'),
);
const resolve = within(asyncapi);
const messages = /** @type {Record<string, { name: string, title: string, summary?: string }>} */ (
  asyncapi.components.messages
);

/** A page with every message that goes over the wire: what the registry, the schemas and the golden files say. */
export function messagesPage() {
  return [
    '# Messages',
    '',
    'One JSON object for each, in text frames. `base` is the published contract, `v1` exists only on connections that negotiated the subprotocol `goconnect.v1`. A field with `?` may be left out. Unknown fields, types and words are ignored by readers.',
    '',
    'The same as documents for tools: `@goconnect/protocol/asyncapi` (AsyncAPI 3) and `@goconnect/protocol/json-schema`.',
    '',
    '## What a client asks',
    '',
    ...Object.keys(REQUESTS).map((type) => requestPart(/** @type {keyof typeof REQUESTS} */ (type))),
    '## What a server tells',
    '',
    ...Object.keys(EVENTS).map((type) => eventPart(/** @type {keyof typeof EVENTS} */ (type))),
    errorPart(),
  ].join('\n');
}

/** @param {keyof typeof REQUESTS} type */
function requestPart(type) {
  const { mutation, reply, since } = REQUESTS[type];
  return [
    message(type, 'Request', [since, mutation ? 'has an effect once per `op_id`' : 'may be asked again']),
    `Reply: \`${reply}\``,
    '',
    fieldTable(dataOf(`${pascal(type)}Reply`), resolve),
    example(type, 'reply'),
  ].join('\n');
}

/** @param {keyof typeof EVENTS} type */
function eventPart(type) {
  const { recoverable, since } = EVENTS[type];
  const fate = recoverable ? 'has a place in the log of its room' : 'is not repeated after a reconnect';
  return message(type, 'Event', [since, fate]);
}

/** @param {string} type @param {'Request' | 'Event'} kind @param {string[]} marks */
function message(type, kind, marks) {
  const name = `${pascal(type)}${kind}`;
  return [
    `### ${type} {#${type.replaceAll('.', '-')}}`,
    '',
    `${messages[name]?.summary ?? ''} (${marks.join('; ')})`,
    '',
    fieldTable(dataOf(name), resolve),
    example(type, kind.toLowerCase()),
  ].join('\n');
}

function errorPart() {
  return [
    '### error',
    '',
    'The answer to a request that was refused, or, without `op_id`, to something that was none. See [error and close codes](/reference/codes).',
    '',
    fieldTable(resolve('#/components/schemas/ErrorBody'), resolve),
    example('error', 'envelope'),
  ].join('\n');
}

/** @param {string} name of a message @returns {import('./fields.mjs').Schema} */
function dataOf(name) {
  const envelope = resolve(`#/components/schemas/${name}`);
  return envelope.properties?.data ?? {};
}

/** The first of those envelopes that the golden file of the type calls valid. @param {string} type @param {string} kind */
function example(type, kind) {
  const golden = JSON.parse(readFileSync(new URL(`${type}.json`, GOLDEN), 'utf8'));
  const [first] = golden[kind]?.valid ?? [];
  return first ? `\`\`\`json\n${JSON.stringify(first.envelope, null, 2)}\n\`\`\`\n` : '';
}

/** @param {string} type */
const pascal = (type) => type.replaceAll(/(^|[._])(\w)/g, (_, _dot, letter) => letter.toUpperCase());
