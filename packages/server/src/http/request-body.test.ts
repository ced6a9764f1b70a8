import { describe, expect, it } from 'vitest';
import { BodyTooLarge, readBody } from './request-body.js';

const request = (body: string | Uint8Array | ReadableStream | null, headers: Record<string, string> = {}) =>
  new Request('http://localhost/', { method: 'POST', body, headers, duplex: 'half' } as RequestInit);
const nested = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`;

describe('a request body', () => {
  it('is JSON, or nothing at all', async () => {
    expect((await readBody(request('{"a":"[[[\\"{"}'))).json).toEqual({ a: '[[["{' });
    const brackets = `"${'['.repeat(40)}\\`;
    expect((await readBody(request(JSON.stringify({ a: brackets })))).json).toEqual({ a: brackets });
    expect((await readBody(request(null))).json).toEqual({});
    expect((await readBody(request(''))).json).toEqual({});
  });

  it.each([
    ['no JSON', 'hello'],
    ['half of it', '{"a":'],
    ['two of it', '{}{}'],
    ['33 levels', nested(33)],
    ['20,000 levels (A1.6)', nested(20_000)],
    ['20,000 levels that never end', '['.repeat(20_000)],
    ['levels behind a string', `{"a":"\\\\","b":${nested(40)}}`],
    ['bytes that are no UTF-8', new Uint8Array([0x7b, 0xff, 0x7d])],
  ])('is refused when it is %s', async (_name, body) => {
    await expect(readBody(request(body))).rejects.toMatchObject({
      code: 'ERR_INVALID_MESSAGE',
      details: { reason: 'not_json' },
    });
  });

  it('may have 32 levels', async () => {
    await expect(readBody(request(nested(32)))).resolves.toBeDefined();
  });

  it('is refused with more keys in one object, or items in one array, than a message may have (A1.6)', async () => {
    const keys = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, n) => [`k${n}`, n]));
    const wide = { code: 'ERR_INVALID_MESSAGE', details: { reason: 'validation' } };
    const read = (json: unknown) => readBody(request(JSON.stringify(json)));
    for (const json of [keys(257), { a: [keys(257)] }, { a: Array(10_001).fill(0) }])
      await expect(read(json)).rejects.toMatchObject(wide);
    for (const json of [keys(256), { a: [keys(256), keys(256)] }, { a: Array(10_000).fill(0) }])
      await expect(read(json)).resolves.toMatchObject({ json });
  });

  it('is refused over 64 KB before it is read', async () => {
    let pulled = 0;
    const endless = new ReadableStream<Uint8Array>({
      pull: (controller) => {
        // Ends some day, so that a reader without a bound fails here and does not run for ever.
        if (++pulled > 1_000) return controller.close();
        controller.enqueue(new Uint8Array(1_024).fill(0x20));
      },
    });
    await expect(readBody(request(endless))).rejects.toBeInstanceOf(BodyTooLarge);
    expect(pulled).toBeLessThan(80);
    await expect(readBody(request('{}', { 'content-length': '65537' }))).rejects.toBeInstanceOf(BodyTooLarge);
  });

  it('that ends before its time is the doing of whoever sent it', async () => {
    const broken = new ReadableStream({ pull: (controller) => controller.error(new Error('aborted')) });
    await expect(readBody(request(broken))).rejects.toMatchObject({ code: 'ERR_INVALID_MESSAGE' });
  });
});
