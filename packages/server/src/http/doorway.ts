import type { Duplex } from 'node:stream';
import type { HttpBindings } from '@hono/node-server';
import { API_POLICY, COMMON_HEADERS } from './security-headers.js';

type Fetch = (request: Request, env: HttpBindings) => Response | Promise<Response>;

type Door = { readonly state: 'starting' } | { readonly state: 'open' | 'leaving'; readonly fetch: Fetch };

/** What is answered before there is anything behind the door, and to those who still come when there is nothing any more. */
export interface Doorway {
  readonly fetch: Fetch;
  /** For the `upgrade` event of the server; silent while the door is open, for then others listen. */
  readonly upgrade: (request: unknown, socket: Duplex) => void;
  open(fetch: Fetch): void;
  /** Nobody listens for upgrades any more: an unanswered one would keep its client, and the end of the server, waiting. */
  leave(): void;
}

const UNAVAILABLE = {
  code: 'ERR_HANDLER_FAILED',
  message: 'The server is starting; try again in a moment',
  details: { reason: 'starting' },
};

/**
 * Listens before the database is open: a port that is taken shows before anything is migrated, and an orchestrator
 * sees a process that lives and is not ready yet, instead of one that it has to kill.
 */
export function createDoorway(): Doorway {
  let door: Door = { state: 'starting' };
  return {
    fetch: (request, env) => (door.state === 'starting' ? answerEarly(request) : door.fetch(request, env)),
    upgrade(_, socket) {
      if (door.state === 'open') return;
      socket.on('error', () => socket.destroy());
      socket.once('finish', () => socket.destroy());
      socket.end(
        'HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n',
      );
    },
    open(fetch) {
      door = { state: 'open', fetch };
    },
    leave() {
      if (door.state === 'open') door = { ...door, state: 'leaving' };
    },
  };
}

function answerEarly(request: Request): Response {
  switch (new URL(request.url).pathname) {
    case '/health':
      return answer(200, { ok: true, websocket: { connections: 0, rooms: 0 } });
    case '/ready':
      return answer(503, { ready: false, checks: { server: 'starting' } });
    default:
      return answer(503, UNAVAILABLE);
  }
}

function answer(status: 200 | 503, body: object): Response {
  const headers = {
    ...COMMON_HEADERS,
    'content-security-policy': API_POLICY,
    'cache-control': 'no-store',
    ...(status === 503 && { 'retry-after': '1' }),
  };
  return Response.json(body, { status, headers });
}
