/** A piece of work that a client asked for. */
export interface TracedWork {
  readonly via: 'websocket' | 'http';
  /** Type of the message (`chat.send`), or method of the HTTP request. From closed lists of ours. */
  readonly name: string;
  /** Well-formed W3C `traceparent` that came with it (B6). */
  readonly traceparent: string | undefined;
  /** Id of the connection, or of the HTTP request, as it stands in the logs. */
  readonly id: string;
}

/** How a request over WebSocket ended. Nothing of it was written by a client. */
export type RequestEnd =
  | { readonly kind: 'ok' | 'repeat' }
  /** `code` of the error reply. */
  | { readonly kind: 'refused'; readonly code: string }
  /** `correlationId` stands in the log line that tells what happened. */
  | { readonly kind: 'failed'; readonly correlationId: string };

/** How an HTTP request ended. `route` as the table of routes has it. */
export interface HttpEnd {
  readonly kind: 'http';
  readonly route: string;
  readonly status: number;
}

export interface Span {
  /** Calls `work` once, at once, and returns what it returns; what it starts belongs to the span. */
  run<T>(work: () => T): T;
  /** Called once. */
  end(end: RequestEnd | HttpEnd): void;
}

/**
 * Hooks for a tracer. Where none is given, nothing is called and nothing allocated. What goes over the wire does not
 * depend on it: `meta.traceparent` is passed on as it came (B6).
 *
 * - No method MUST throw or wait.
 * - Message bodies and tokens are never handed over (A5.5).
 */
export interface Tracing {
  begin(work: TracedWork): Span;
}
