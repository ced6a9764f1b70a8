import type { IncomingMessage } from 'node:http';
import type { Dialect } from '../ports/gateway.js';

export const V1_PROTOCOL = 'goconnect.v1';
const BEARER_PROTOCOL = 'goconnect.bearer.';

/** What a client asks for with its upgrade request. */
export interface UpgradeRequest {
  readonly path: string;
  /** From the header, the query or an offered subprotocol, in this order (A5.1, B1.2); empty when there is none. */
  readonly token: string;
  readonly dialect: Dialect;
  /** B1.4. As it was sent: to be checked. */
  readonly clientId: string | undefined;
  readonly origin: string | undefined;
  readonly host: string | undefined;
}

export function readUpgradeRequest(req: Pick<IncomingMessage, 'url' | 'headers'>): UpgradeRequest {
  const { path, query } = splitUrl(req.url ?? '/');
  const protocols = (req.headers['sec-websocket-protocol'] ?? '')
    .split(',')
    .map((protocol) => protocol.trim());
  const offered = protocols.find((protocol) => protocol.startsWith(BEARER_PROTOCOL));
  return {
    path,
    token:
      bearer(req.headers.authorization) ?? query.get('token') ?? offered?.slice(BEARER_PROTOCOL.length) ?? '',
    dialect: protocols.includes(V1_PROTOCOL) ? 'v1' : 'base',
    clientId: query.get('client_id') ?? undefined,
    origin: req.headers.origin,
    host: req.headers.host,
  };
}

/** What a client instance may call itself: a UUID, or whatever fits the alphabet of our ids. */
export function isClientId(text: string): boolean {
  return /^[\w-]{1,64}$/.test(text);
}

/**
 * Whether a page of this origin may connect (A5.2). Programs send no origin. A page that came from this very host
 * needs no permission; others must be named exactly.
 */
export function isAllowedOrigin({ origin, host }: UpgradeRequest, allowed: readonly string[]): boolean {
  if (origin === undefined || allowed.includes('*') || allowed.includes(origin)) return true;
  if (host === undefined || !/^https?:\/\//.test(origin) || !URL.canParse(origin)) return false;
  const url = new URL(origin);
  // An origin is no more than that: with a path or a name in it, it came from no browser.
  return url.origin === origin && url.host === host.toLowerCase();
}

/** By hand: `URL` throws on what hostile request lines hold, and resolves dots. */
function splitUrl(url: string): { readonly path: string; readonly query: URLSearchParams } {
  const mark = url.indexOf('?');
  if (mark < 0) return { path: url, query: new URLSearchParams() };
  return { path: url.slice(0, mark), query: new URLSearchParams(url.slice(mark + 1)) };
}

function bearer(header: string | undefined): string | undefined {
  return /^bearer +(\S+)$/i.exec(header ?? '')?.[1];
}
