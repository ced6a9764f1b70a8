import { context, trace } from '@opentelemetry/api';
import { InMemorySpanExporter, NodeTracerProvider, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-node';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { openTelemetryTracing } from './adapters/open-telemetry-tracing.js';
import type { Tracing } from './ports/tracing.js';
import { startTestServer, type TestServer } from './testing/test-server.js';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const PARENT = 'b7ad6b7169203331';
const traceparent = `00-${TRACE}-${PARENT}-01`;
const MALFORMED = [
  'x',
  `${traceparent}-more`,
  `ff-${TRACE}-${PARENT}-01`,
  `00-${'0'.repeat(32)}-${PARENT}-01`,
  7,
  {},
];

const exporter = new InMemorySpanExporter();
const provider = new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
let server: TestServer | undefined;

beforeAll(() => provider.register());
afterEach(async () => {
  await server?.end();
  server = undefined;
  exporter.reset();
});
afterAll(async () => {
  await provider.shutdown();
  trace.disable();
  context.disable();
});

const named = (name: string) => exporter.getFinishedSpans().filter((span) => span.name === name);
const throwing: Tracing = {
  begin() {
    throw new Error('no collector');
  },
};
const breaking: Tracing = {
  begin: () => ({
    run(work) {
      work();
      throw new Error('after the work');
    },
    end() {
      throw new Error('at the end');
    },
  }),
};

describe.each([
  ['without tracing', undefined],
  ['with OpenTelemetry', openTelemetryTracing()],
  ['with a tracer that throws', throwing],
  ['with a tracer that breaks half way', breaking],
])('B6 meta.traceparent, %s', (_, tracing) => {
  it('goes from the request to its reply and to the broadcast it causes, as it came', async () => {
    server = await startTestServer(tracing ? { tracing } : {});
    const ada = await server.connect(await server.tokenOf('ada'), 'v1');
    const grace = await server.connect(await server.tokenOf('grace'), 'v1');
    await grace.event('session.welcome');
    await grace.ask('presence.ping', 'here');
    const send = { scope: 'network:lobby', body: 'hello' };
    expect((await ada.ask('chat.send', 'a', send, { traceparent })).meta).toEqual({ traceparent });
    expect(await grace.event('chat.message')).toMatchObject({
      seq: expect.any(Number),
      meta: { traceparent },
    });
    const refused = await ada.ask('room.join', 'b', { room: 'network:none' }, { traceparent });
    expect(refused).toMatchObject({ type: 'error', meta: { traceparent } });
    // One message: however tracing fails, the work is done once.
    const history = await ada.ask('chat.history', 'c', { scope: 'network:lobby', limit: 10 });
    expect(history.data?.messages).toHaveLength(1);
    await Promise.all([ada.close(), grace.close()]);
  });

  it('is never given back when it is malformed', async () => {
    server = await startTestServer(tracing ? { tracing } : {});
    const ada = await server.connect(await server.tokenOf('ada'), 'v1');
    for (const [index, wrong] of MALFORMED.entries()) {
      const send = { scope: 'network:lobby', body: 'hello' };
      const ack = await ada.ask('chat.send', `op-${index}`, send, { traceparent: wrong });
      expect(ack.type).toBe('ack');
      expect(ack).not.toHaveProperty('meta');
      expect(await ada.event('chat.message')).not.toHaveProperty('meta');
    }
    await ada.close();
  });
});

describe('spans of OpenTelemetry', () => {
  it('are one for each request, under the span of the client, with how it ended', async () => {
    server = await startTestServer({ tracing: openTelemetryTracing('1.2.3') });
    const ada = await server.connect(await server.tokenOf('ada'), 'v1');
    const send = { scope: 'host', body: 'canary body' };
    await ada.ask('chat.send', 'a', send, { traceparent });
    await ada.ask('chat.send', 'a', send);
    await ada.ask('room.join', 'b', { room: 'network:none' });
    await ada.close();
    const [first, repeat] = named('goconnect chat.send');
    expect(first).toMatchObject({ parentSpanContext: { traceId: TRACE, spanId: PARENT, isRemote: true } });
    expect(first?.spanContext().traceId).toBe(TRACE);
    expect(first?.instrumentationScope).toMatchObject({ name: '@goconnect/server', version: '1.2.3' });
    expect(repeat?.attributes).toMatchObject({ 'goconnect.repeat': 'true' });
    expect(repeat?.parentSpanContext).toBeUndefined();
    expect(named('goconnect room.join')[0]?.attributes).toMatchObject({ 'error.type': 'ERR_NOT_FOUND' });
    const everything = exporter
      .getFinishedSpans()
      .map(({ name, attributes }) => JSON.stringify([name, attributes]));
    expect(everything.join()).not.toMatch(/canary|eyJ/);
  });

  it('cover HTTP by route, under the header of the client; a malformed one begins a trace of its own', async () => {
    server = await startTestServer({ tracing: openTelemetryTracing() });
    const token = await server.tokenOf('ada');
    await server.call('GET', '/v1/networks/lobby', { token, headers: { traceparent } });
    await server.call('GET', '/v1/networks/attic', { token, headers: { traceparent: 'x' } });
    const [one, other] = named('GET /v1/networks/:id');
    expect(one?.spanContext().traceId).toBe(TRACE);
    expect(one?.attributes).toMatchObject({
      'http.response.status_code': 200,
      'http.route': '/v1/networks/:id',
    });
    expect(other?.parentSpanContext).toBeUndefined();
    expect(server.logs.some((line) => line.includes(`"traceparent":"${traceparent}"`))).toBe(true);
  });

  it('are the active ones while the request runs', async () => {
    const seen: (string | undefined)[] = [];
    const otel = openTelemetryTracing();
    const watching: Tracing = {
      begin(work) {
        const span = otel.begin(work);
        const run: typeof span.run = (body) =>
          span.run(() => {
            seen.push(trace.getSpan(context.active())?.spanContext().traceId);
            return body();
          });
        return { ...span, run };
      },
    };
    server = await startTestServer({ tracing: watching });
    const ada = await server.connect(await server.tokenOf('ada'), 'v1');
    await ada.ask('presence.ping', 'a', {}, { traceparent });
    await ada.close();
    expect(seen).toContain(TRACE);
  });
});
