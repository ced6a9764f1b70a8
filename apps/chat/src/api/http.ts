import { ApiError } from './api-error.js';
import { fields, textOr } from './parse.js';

const TIMEOUT_MS = 10_000;

export interface Call {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly body?: unknown;
  readonly token?: string;
  /** `Idempotency-Key`. */
  readonly key?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** One call of the HTTP API: its JSON body, still unknown. Rejects with an `ApiError`, also when nobody answers. */
export async function http(
  url: string,
  { method = 'GET', body, token, key, signal }: Call = {},
): Promise<unknown> {
  const timeout = AbortSignal.timeout(TIMEOUT_MS);
  const headers = new Headers({ accept: 'application/json' });
  if (token !== undefined) headers.set('authorization', `Bearer ${token}`);
  if (key !== undefined) headers.set('idempotency-key', key);
  if (body !== undefined) headers.set('content-type', 'application/json');
  const response = await fetch(url, {
    method,
    headers,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
  }).catch((cause: unknown) => {
    throw signal?.aborted ? cause : new ApiError(0, 'not_connected', 'The server does not answer.');
  });
  const answer: unknown = await response.json().catch(() => undefined);
  if (response.ok) return answer;
  const { code, message } = refusal(answer);
  const retryAfter = Number(response.headers.get('retry-after'));
  throw new ApiError(response.status, code, message, retryAfter > 0 ? retryAfter : undefined);
}

function refusal(answer: unknown): { code: string; message: string } {
  try {
    const of = fields(answer);
    return { code: textOr(of, 'code', 'ERR_HANDLER_FAILED'), message: textOr(of, 'message', '') };
  } catch {
    return { code: 'ERR_HANDLER_FAILED', message: '' };
  }
}
