import type { ReplyData, RequestData, RequestType } from '@goconnect/protocol/validators';

export interface RequestOptions {
  /** Aborting settles the request as `aborted`; what was already sent may still take effect. */
  readonly signal?: AbortSignal | undefined;
  /**
   * How long the reply may take, in ms from the moment of sending; each sending starts it anew, waiting does not count. Default:
   * the client's `requestTimeoutMs`. Reads (everything but `chat.send|edit|delete|redact`) also wait no longer than this for a connection.
   */
  readonly timeoutMs?: number | undefined;
  /** How long a mutation may wait for a connection, in ms. Default: the client's `outbox.ttlMs`. */
  readonly ttlMs?: number | undefined;
  /** Idempotency key of your own: 1-128 code points, well-formed, without NUL (A1.5). Default: 128 random bits. */
  readonly opId?: string | undefined;
}

/** Sends a request and gives its reply. */
export type RequestFunction = <K extends RequestType>(
  type: K,
  data: RequestData<K>,
  options?: RequestOptions,
) => Promise<ReplyData<K>>;
