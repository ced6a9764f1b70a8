import type { z } from 'zod';
import { OperationError } from '../domain/operation-error.js';
import type { Operations } from '../operations/operations.js';
import type { ClientAddress } from '../ports/client-address.js';
import type { Identity } from '../ports/tokens.js';
import { parseInput } from './parse-input.js';

/** A successful answer; a list has `nextCursor`. */
export interface Reply {
  readonly status: 200 | 201 | 202;
  readonly data: unknown;
  readonly nextCursor?: string | null;
}

/** Who calls. `operations` may be bound to one transaction (see `idempotency.ts`). */
export interface Caller<I> {
  readonly identity: I;
  readonly operations: Operations;
  /** Where the request came from: what limits count by (an IPv4 address, or the /64 of an IPv6 one). */
  readonly address: string;
  /** Whether limits by address alone hold for it. */
  readonly limited: ClientAddress['limited'];
  /** `Idempotency-Key` of the request. */
  readonly key?: string;
}

/** What a request brought, unchecked. */
export interface RawInput {
  readonly params: unknown;
  readonly query: unknown;
  readonly body: unknown;
}

export type Method = 'get' | 'post' | 'put' | 'patch' | 'delete';

interface RouteFacts {
  readonly method: Method;
  /** As hono writes it: `/v1/networks/:id`. */
  readonly path: string;
  /** `operationId` of the OpenAPI document. */
  readonly name: string;
  readonly summary: string;
  /** Schema of `data` for each status. */
  readonly replies: Readonly<Partial<Record<Reply['status'], z.ZodType>>>;
  /** True when `data` is a list with `next_cursor`. */
  readonly list?: boolean;
  /** How a repeat with the same `Idempotency-Key` is met; absent where there is nothing to repeat. */
  readonly repeat?: 'remembered' | 'by_token';
}

interface Schemas<P, Q, B> {
  readonly params?: z.ZodType<P>;
  readonly query?: z.ZodType<Q>;
  readonly body?: z.ZodType<B>;
}

interface Input<P, Q, B> {
  readonly params: P;
  readonly query: Q;
  readonly body: B;
}

/** One row of the table of routes. `open` routes need no token. */
export type Route = RouteFacts &
  Schemas<unknown, unknown, unknown> &
  (
    | {
        readonly access: 'open';
        readonly run: (input: RawInput, caller: Caller<undefined>) => Promise<Reply>;
      }
    | {
        readonly access: 'bearer';
        readonly run: (input: RawInput, caller: Caller<Identity>) => Promise<Reply>;
      }
  );

type Spec<P, Q, B, I> = RouteFacts &
  Schemas<P, Q, B> & { readonly handle: (input: Input<P, Q, B>, caller: Caller<I>) => Promise<Reply> };

/** A route for everyone. */
export function openRoute<P, Q, B>(spec: Spec<P, Q, B, undefined>): Route {
  const { handle, ...facts } = spec;
  return { ...facts, access: 'open', run: (raw, caller) => handle(check(spec, raw), caller) };
}

/** A route for whoever has a valid access token. */
export function bearerRoute<P, Q, B>(spec: Spec<P, Q, B, Identity>): Route {
  const { handle, ...facts } = spec;
  return { ...facts, access: 'bearer', run: (raw, caller) => handle(check(spec, raw), caller) };
}

function check<P, Q, B>({ params, query, body }: Schemas<P, Q, B>, raw: RawInput): Input<P, Q, B> {
  // Without a schema the handler's type says that it looks at nothing.
  return {
    params: params ? checkParams(params, raw.params) : (undefined as P),
    query: query ? parseInput(query, raw.query) : (undefined as Q),
    body: body ? parseInput(body, raw.body) : (undefined as B),
  };
}

/** An id that cannot be one names nothing. */
function checkParams<P>(schema: z.ZodType<P>, params: unknown): P {
  const result = schema.safeParse(params);
  if (!result.success) throw new OperationError('ERR_NOT_FOUND', 'Not found.');
  return result.data;
}
