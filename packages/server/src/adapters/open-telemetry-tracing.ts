import { type Context, context, ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import type { HttpEnd, RequestEnd, Span, TracedWork, Tracing } from '../ports/tracing.js';

/**
 * A span for each request, for `createServer({ tracing: openTelemetryTracing() })`. It goes to whatever SDK the
 * program registered with `@opentelemetry/api`; a `traceparent` of the client (`meta.traceparent` over WebSocket, the
 * header over HTTP) is its parent. Spans hold types, ids and codes: no message, no token.
 *
 * @param version version of the program, for the name of the tracer
 */
export function openTelemetryTracing(version?: string): Tracing {
  const tracer = trace.getTracer('@goconnect/server', version);
  return {
    begin(work: TracedWork): Span {
      const parent = parentOf(work);
      const name = work.via === 'http' ? work.name : `goconnect ${work.name}`;
      const span = tracer.startSpan(name, { kind: SpanKind.SERVER, attributes: attributesOf(work) }, parent);
      const own = trace.setSpan(parent, span);
      return {
        run: (body) => context.with(own, body),
        end(end) {
          if (end.kind === 'http') span.updateName(`${work.name} ${end.route}`);
          span.setAttributes(outcomeOf(end));
          if (isFault(end)) span.setStatus({ code: SpanStatusCode.ERROR });
          span.end();
        },
      };
    },
  };
}

function parentOf({ traceparent }: TracedWork): Context {
  const [, traceId, spanId, flags] = traceparent?.split('-') ?? [];
  if (traceId === undefined || spanId === undefined || flags === undefined) return ROOT_CONTEXT;
  const remote = { traceId, spanId, traceFlags: Number.parseInt(flags, 16), isRemote: true };
  return trace.setSpanContext(ROOT_CONTEXT, remote);
}

function attributesOf({ via, name, id }: TracedWork): Record<string, string> {
  return via === 'http'
    ? { 'http.request.method': name, 'goconnect.request_id': id }
    : { 'goconnect.request.type': name, 'goconnect.connection': id };
}

function outcomeOf(end: RequestEnd | HttpEnd): Record<string, string | number> {
  switch (end.kind) {
    case 'ok':
      return {};
    case 'repeat':
      return { 'goconnect.repeat': 'true' };
    case 'refused':
      return { 'error.type': end.code };
    case 'failed':
      return { 'error.type': 'ERR_HANDLER_FAILED', 'goconnect.correlation_id': end.correlationId };
    case 'http':
      return { 'http.route': end.route, 'http.response.status_code': end.status };
  }
}

/** As the conventions have it: a refusal is the client's affair, no fault of the server. */
function isFault(end: RequestEnd | HttpEnd): boolean {
  return end.kind === 'failed' || (end.kind === 'http' && end.status >= 500);
}
