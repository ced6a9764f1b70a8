import { createClient, type GoConnectClient, GoConnectError } from '@goconnect/client';
import { WebSocket } from 'ws';
import { Hearing } from './hearing.js';
import { inTurns } from './in-turns.js';
import { tokenOf } from './person.js';
import { offer } from './remote.js';
import { type Said, Talk, type Writer } from './talk.js';

// Thousands of people with the real client, one process for all of them.

export interface Delay {
  /** Failed attempts before this one, the end of a connection not among them. */
  readonly tries: number;
  /** From the end of the attempt or connection before it to the dial, beyond what the server asked for (`Retry-After`). */
  readonly ms: number;
}

interface Guest {
  readonly client: GoConnectClient;
  readonly tenant: number;
  readonly hearing: Hearing;
}

const guests = new Map<number, Guest>();
const errors = new Map<string, number>();
/** Wall clock. */
let dials: number[] = [];
/** As planned, and as they came about. */
let delays: Delay[] = [];
let arrivals: Delay[] = [];
let advised: number[] = [];
let talk: Talk | undefined;

/** Counts the dials of one client, and how long it waited before each. */
function countedWebSocket(waiting: () => { readonly tries: number; readonly since: number } | undefined) {
  return class extends WebSocket {
    constructor(url: string, protocols?: string[], options?: object) {
      const now = Date.now();
      const waited = waiting();
      dials.push(now);
      if (waited) arrivals.push({ tries: waited.tries, ms: now - waited.since });
      super(url, protocols, options);
    }
  };
}

function invite(url: string, number: number, tenantSize: number, baseMs: number): Guest {
  let waiting: { readonly tries: number; readonly since: number; readonly retryAt: number } | undefined;
  const client = createClient({
    url,
    token: tokenOf(number, tenantSize),
    WebSocket: countedWebSocket(() => waiting),
    backoff: { baseMs },
    // A restart under load may take its time; what is on trial is that nothing is lost by it.
    requestTimeoutMs: 120_000,
    validate: 'off',
  });
  const hearing = new Hearing();
  client.on('chat.message', ({ body }) => hearing.message(body));
  client.on('gap', () => hearing.gap());
  client.on('session.draining', ({ reconnect_after_ms }) => advised.push(reconnect_after_ms));
  client.on('error', ({ code }) => errors.set(code, (errors.get(code) ?? 0) + 1));
  client.on('state', ({ status, attempt, retryAt, since }) => {
    if (status === 'connected') waiting = undefined;
    if (status !== 'waiting' || retryAt === undefined) return;
    // Told again, with the same moment to the rounding, when the wait has become a long one.
    if (waiting && Math.abs(retryAt - waiting.retryAt) < 50) return;
    // Both by one look at the clock: this process has hundreds of clients, and is late.
    const from = since + (client.explain().lastEnd?.retryAfterMs ?? 0);
    waiting = { tries: (attempt ?? 1) - 1, since: from, retryAt };
    delays.push({ tries: waiting.tries, ms: retryAt - waiting.since });
  });
  const guest = { client, tenant: Math.floor(number / tenantSize), hearing };
  guests.set(number, guest);
  return guest;
}

const verbs = {
  /** Brings people in; resolves when all of them are usable. */
  async arrive({
    url,
    from,
    count,
    tenantSize,
    width,
    baseMs = 500,
  }: {
    readonly url: string;
    readonly from: number;
    readonly count: number;
    readonly tenantSize: number;
    readonly width: number;
    /** Of the backoff. Default: the client's own. */
    readonly baseMs?: number;
  }): Promise<void> {
    const numbers = Array.from({ length: count }, (_, index) => from + index);
    await inTurns(numbers, width, (number) => invite(url, number, tenantSize, baseMs).client.connect());
  },

  async leave({ from, count }: { readonly from: number; readonly count: number }): Promise<void> {
    const leaving = Array.from({ length: count }, (_, index) => from + index);
    await inTurns(leaving, 50, async (number) => {
      await guests.get(number)?.client.close();
      guests.delete(number);
    });
  },

  /** The writers say numbered messages until `hush`, each one every `everyMs`. */
  talk({ writers, everyMs }: { readonly writers: readonly Writer[]; readonly everyMs: number }): void {
    talk = new Talk(writers, everyMs, async (number, scope, body) => {
      await guests.get(number)?.client.chat.send({ scope, body });
    });
  },

  /** Resolves when everything that was said is answered. */
  async hush(_: undefined): Promise<Said> {
    const said = await talk?.end((cause) => GoConnectError.from(cause).code);
    talk = undefined;
    return said ?? { messages: 0, failed: {}, last: {} };
  },

  /** What everybody heard of these writers, by tenant: all of it, once, in order? */
  heard({ last }: { readonly last: Readonly<Record<number, Readonly<Record<string, number>>>> }) {
    const sum = { complete: 0, missing: 0, skipped: 0, doubled: 0, gaps: 0, messages: 0 };
    for (const { tenant, hearing } of guests.values()) {
      const { missing, ...counts } = hearing.judge(last[tenant] ?? {});
      if (missing === 0) sum.complete++;
      sum.missing += missing;
      sum.skipped += counts.skipped;
      sum.doubled += counts.doubled;
      sum.gaps += counts.gaps;
      sum.messages += counts.messages;
    }
    return sum;
  },

  /** How many are connected, of all. */
  standing(_: undefined): Record<string, number> {
    const standing: Record<string, number> = {};
    for (const { client } of guests.values())
      standing[client.state.status] = (standing[client.state.status] ?? 0) + 1;
    return standing;
  },

  /** Dials, delays and advice since the last time somebody asked, and the errors of all time. */
  journal(_: undefined) {
    const answer = {
      dials,
      delays,
      arrivals,
      advised,
      errors: Object.fromEntries(errors),
      rss: process.memoryUsage().rss,
    };
    dials = [];
    delays = [];
    arrivals = [];
    advised = [];
    return answer;
  },
};

export type ClientCrowd = typeof verbs;
offer(verbs);
