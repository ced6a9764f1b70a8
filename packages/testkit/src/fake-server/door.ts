import { CLOSE_CODES, type CloseName } from '@goconnect/protocol/validators';
import type { AccessVerdict, FakeTokens, TokenGrant } from './fake-tokens.js';
import type { Knock, PeerEvents } from './peer.js';

/** Where clients connect; nothing else is served. */
export const PATH = '/v1/ws';
const V1 = 'goconnect.v1';
const BEARER = 'goconnect.bearer.';
const CLIENT_ID = /^[\w-]{1,64}$/;

/** Who may come in, and in which dialect. */
export interface Admitted {
  readonly kind: 'enter';
  readonly dialect: 'base' | 'v1';
  readonly grant: TokenGrant;
  readonly clientId: string | undefined;
}

export interface Refused {
  readonly kind: 'refuse';
  readonly dialect: 'base' | 'v1';
  readonly status: number;
  /** What a v1 client is told in place of the status: only what is about its token or its places (B1.3). */
  readonly close?: CloseName;
  readonly code: string;
  readonly message: string;
  readonly details?: Readonly<Record<string, unknown>>;
  readonly retryAfterMs?: number;
}

export interface DoorRules {
  readonly offersV1: boolean;
  /** `*` for all. */
  readonly allowedOrigins: readonly string[];
}

/** Reads a handshake: path, origin, token, dialect, client id (A5.1, A5.2, B1). */
export function readKnock(
  knock: Knock,
  tokens: FakeTokens,
  { offersV1, allowedOrigins }: DoorRules,
): Admitted | Refused {
  const dialect = offersV1 && knock.protocols.includes(V1) ? 'v1' : 'base';
  if (knock.url.pathname !== PATH) {
    const message = `WebSocket connections are accepted at ${PATH}`;
    return { kind: 'refuse', dialect, status: 404, code: 'ERR_NOT_FOUND', message };
  }
  const { origin } = knock.headers;
  if (origin !== undefined && !allowedOrigins.includes('*') && !allowedOrigins.includes(origin)) {
    const message = 'Pages of this origin may not connect';
    return {
      kind: 'refuse',
      dialect,
      status: 403,
      code: 'ERR_FORBIDDEN',
      message,
      details: { reason: 'origin' },
    };
  }
  const clientId = knock.url.searchParams.get('client_id') ?? undefined;
  if (offersV1 && clientId !== undefined && !CLIENT_ID.test(clientId)) {
    const message = 'client_id must be 1-64 of A-Z, a-z, 0-9, _ and -';
    const details = { field: 'client_id' };
    return { kind: 'refuse', dialect, status: 400, code: 'ERR_INVALID_MESSAGE', message, details };
  }
  const verdict = tokens.verify(tokenOf(knock));
  if (verdict.kind === 'valid') return { kind: 'enter', dialect, grant: verdict.grant, clientId };
  return {
    kind: 'refuse',
    dialect,
    status: 401,
    close: closeFor(verdict),
    code: 'ERR_UNAUTHORIZED',
    message: `The access token is ${verdict.kind}`,
    details: { reason: verdict.kind },
  };
}

export const selectedProtocol = (dialect: 'base' | 'v1'): string | undefined =>
  dialect === 'v1' ? V1 : undefined;

const NOBODY: PeerEvents = { text() {}, binary() {}, closed() {} };

/** Says no: by status, or by close code to a v1 client, who could not read a status (A5.2, B1.3). */
export function refuse(knock: Knock, refusal: Refused): void {
  const { dialect, status, close, code, message, retryAfterMs } = refusal;
  const wait = retryAfterMs === undefined ? undefined : { retry_after_ms: retryAfterMs };
  if (dialect === 'v1' && close !== undefined) {
    const socket = knock.accept(V1, NOBODY);
    socket?.close(CLOSE_CODES[close], wait ? JSON.stringify(wait) : close);
    return;
  }
  const headers = {
    ...(status === 401 && { 'www-authenticate': 'Bearer' }),
    ...(retryAfterMs !== undefined && { 'retry-after': String(Math.ceil(retryAfterMs / 1_000)) }),
  };
  const details = { ...refusal.details, ...wait };
  knock.deny(status, { headers, body: JSON.stringify({ code, message, details }) });
}

function tokenOf({ url, headers, protocols }: Knock): string | undefined {
  const [scheme, header] = (headers.authorization ?? '').split(' ');
  if (scheme?.toLowerCase() === 'bearer' && header) return header;
  const carried = protocols.find((protocol) => protocol.startsWith(BEARER));
  return url.searchParams.get('token') ?? carried?.slice(BEARER.length);
}

/** A token that was good once is to be renewed; what never was one is not. */
function closeFor({ kind }: AccessVerdict): CloseName {
  return kind === 'expired' || kind === 'revoked' ? 'token_expired' : 'token_invalid';
}
