import type { Duplex } from 'node:stream';
import type { HttpBindings } from '@hono/node-server';
import { API_POLICY, COMMON_HEADERS } from './security-headers.js';

type Fetch = (request: Request, env: HttpBindings) => Response | Promise<Response>;

/** Answers an upgrade that nobody takes up and ends its connection: another layer knows how (A5.2). */
type RefuseUpgrade = (
  socket: Duplex,
  refusal: { readonly status: 503; readonly body: Unavailable; readonly retryAfterMs: number },
) => void;

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

interface Unavailable {
  readonly code: 'ERR_HANDLER_FAILED';
  readonly message: string;
  readonly details: { readonly reason: string };
}

const RETRY_MS = 1_000;
const STARTING: Unavailable = {
  code: 'ERR_HANDLER_FAILED',
  message: 'The server is starting; try again in a moment',
  details: { reason: 'starting' },
};
const LEAVING: Unavailable = {
  code: 'ERR_HANDLER_FAILED',
  message: 'The server is stopping; try again in a moment',
  details: { reason: 'draining' },
};

/**
 * Listens before the database is open: a port that is taken shows before anything is migrated, and an orchestrator
 * sees a process that lives and is not ready yet, instead of one that it has to kill.
 */
export function createDoorway(refuse: RefuseUpgrade): Doorway {
  let door: Door = { state: 'starting' };
  return {
    fetch: (request, env) => (door.state === 'starting' ? answerEarly(request) : door.fetch(request, env)),
    upgrade(_, socket) {
      if (door.state === 'open') return;
      socket.on('error', () => socket.destroy());
      const body = door.state === 'starting' ? STARTING : LEAVING;
      refuse(socket, { status: 503, body, retryAfterMs: RETRY_MS });
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
      return answer(503, STARTING);
  }
}

function answer(status: 200 | 503, body: object): Response {
  const headers = {
    ...COMMON_HEADERS,
    'content-security-policy': API_POLICY,
    'cache-control': 'no-store',
    ...(status === 503 && { 'retry-after': `${RETRY_MS / 1_000}` }),
  };
  return Response.json(body, { status, headers });
}
