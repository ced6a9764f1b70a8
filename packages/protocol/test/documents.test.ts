import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { FORMATS } from '../src/primitives/formats.js';
import { EVENTS, REQUESTS } from '../src/registry.js';
import { type Json, readGolden, samples } from './support/golden.js';
import { Choices } from './support/random.js';

interface SchemaDocument {
  readonly $defs: Readonly<Record<string, Json>>;
}

interface AsyncDocument {
  readonly operations: Readonly<Record<string, { readonly action: string; readonly reply?: unknown }>>;
  readonly channels: { readonly socket: { readonly address: string; readonly messages: Json } };
  readonly components: { readonly messages: Json };
}

const read = <T>(name: string) =>
  JSON.parse(readFileSync(new URL(`../schema/${name}`, import.meta.url), 'utf8')) as T;

/** Every `$ref` of a document. */
function references(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, child]) =>
    key === '$ref' ? [String(child)] : references(child),
  );
}

function resolve(document: unknown, reference: string): unknown {
  const path = reference.replace('#/', '').split('/');
  return path.reduce((value, key) => (value as Json | undefined)?.[key], document);
}

describe.each(['goconnect.schema.json', 'asyncapi.json'])('%s', (name) => {
  test('every reference leads somewhere', () => {
    const document = read(name);
    const all = references(document);
    expect(all.length).toBeGreaterThan(50);
    for (const reference of all) expect(resolve(document, reference), reference).toBeTypeOf('object');
  });
});

describe('goconnect.schema.json', () => {
  const { $defs } = read<SchemaDocument>('goconnect.schema.json');
  const accepts = (definition: string) => {
    const schema = z.fromJSONSchema({ $ref: `#/$defs/${definition}`, $defs } as never);
    return (value: unknown) => schema.safeParse(value).success;
  };
  const definitionsOf = (type: string) =>
    Object.keys($defs).filter((name) => {
      const properties = $defs[name]?.properties as { type?: { const?: string } } | undefined;
      return properties?.type?.const === type;
    });

  test.each([...readGolden()])('takes every golden message of %s', (type, { request, event }) => {
    const part = request ?? event;
    if (!part) return;
    const [definition = ''] = definitionsOf(type);
    const isValid = accepts(definition);
    const { accepted, refused } = samples(part);
    // That the codec takes null for no data, and a meta it cannot read for none, is its own leniency.
    for (const { why, envelope } of accepted.filter(({ envelope }) => envelope.data !== null)) {
      if ('meta' in envelope && typeof envelope.meta !== 'object') continue;
      expect(isValid(envelope), why).toBe(true);
    }
    const caught = refused.filter(({ envelope }) => !isValid(envelope));
    expect(caught.length / refused.length).toBeGreaterThan(0.6);
  });

  test('what a rule allows, the portable form of the rule allows', () => {
    const choices = new Choices(7);
    const words = [
      'host',
      'tenant:',
      'network:',
      'https://',
      'HTTP://',
      'x.org',
      'a',
      '😀',
      '-',
      '_',
      ':',
      '/',
      '\ud800',
    ];
    const portable = Object.values($defs).flatMap(formatsOf);
    for (const [format, { test: rule }] of Object.entries(FORMATS)) {
      const schema = portable.find((one) => one.format === `goconnect-${format}`);
      const { format: _, ...plain } = schema ?? {};
      const check = z.fromJSONSchema(plain as never);
      for (let index = 0; index < 3_000; index++) {
        const text = Array.from({ length: choices.integer(0, 4) }, () => choices.of(words)).join('');
        if (rule(text)) expect(check.safeParse(text).success, JSON.stringify(text)).toBe(true);
      }
    }
  });

  function formatsOf(value: unknown): Json[] {
    if (typeof value !== 'object' || value === null) return [];
    const inner = Object.values(value).flatMap(formatsOf);
    return 'format' in value && typeof value.format === 'string' ? [value as Json, ...inner] : inner;
  }
});

describe('asyncapi.json', () => {
  const document = read<AsyncDocument>('asyncapi.json');

  test('has an operation for each request, which the server receives, and for each event, which it sends', () => {
    const action = (name: string) => document.operations[name]?.action;
    for (const type of Object.keys(REQUESTS)) {
      expect([type, action(type)]).toEqual([type, 'receive']);
      expect(document.operations[type]?.reply).toBeDefined();
    }
    for (const type of Object.keys(EVENTS)) expect([type, action(type)]).toEqual([type, 'send']);
    expect(action('error')).toBe('send');
  });

  test('has a message for each request, reply and event, and offers all of them in its one channel', () => {
    const count = 2 * Object.keys(REQUESTS).length + Object.keys(EVENTS).length + 1;
    expect(Object.keys(document.components.messages)).toHaveLength(count);
    expect(Object.keys(document.channels.socket.messages)).toEqual(Object.keys(document.components.messages));
    expect(document.channels.socket.address).toBe('/v1/ws');
  });
});
