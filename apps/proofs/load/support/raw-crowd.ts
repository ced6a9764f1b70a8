import { connect } from 'node:net';
import { WebSocket } from 'ws';
import { inTurns } from './in-turns.js';
import { type Percentiles, percentiles } from './percentiles.js';
import { tokenOf } from './person.js';
import { offer } from './remote.js';
import { type Hostile, Siege, type SiegeReport } from './siege.js';

// Thousands of people with the thinnest client there is, so that this process is never what one measures.

interface Group {
  readonly url: string;
  /** Numbers of the people. */
  readonly from: number;
  readonly count: number;
  readonly tenantSize: number;
}

export interface Arrivals {
  /** From dialling to the welcome. */
  readonly latency: Percentiles;
  /** What came instead of a welcome, with how often. */
  readonly refused: Readonly<Record<string, number>>;
}

interface Seat {
  readonly socket: WebSocket;
  closed: number | undefined;
}

const seats = new Map<number, Seat>();
let latencies: number[] = [];
let received = 0;

const now = () => Number(process.hrtime.bigint() / 1_000n) / 1_000;

const MOMENT = Buffer.from('"body":"@');

/**
 * Messages of `speak` carry the moment at which they were sent; all processes of a machine share that clock. Read where
 * it stands: to decode 16 KB for each of thousands of listeners would be most of what this process does.
 */
function hear(message: Buffer): void {
  received++;
  const at = message.indexOf(MOMENT);
  if (at < 0) return;
  const begin = at + MOMENT.length;
  latencies.push(now() - Number(message.toString('latin1', begin, message.indexOf(' ', begin))));
}

function arrive(url: string, number: number, tenantSize: number): Promise<string | undefined> {
  const headers = { authorization: `Bearer ${tokenOf(number, tenantSize)}` };
  const socket = new WebSocket(url, ['goconnect.v1'], { headers, perMessageDeflate: false });
  const seat: Seat = { socket, closed: undefined };
  return new Promise((resolve) => {
    socket.once('message', () => {
      seats.set(number, seat);
      socket.on('message', hear);
      resolve(undefined);
    });
    socket.on('unexpected-response', (_, response) => {
      resolve(`HTTP ${response.statusCode}`);
      socket.terminate();
    });
    socket.on('error', (error) => resolve('code' in error ? String(error.code) : error.message));
    socket.on('close', (code) => {
      seat.closed = code;
      resolve(`close ${code}`);
    });
  });
}

const members = (from: number, count: number) =>
  Array.from({ length: count }, (_, index) => seats.get(from + index)).filter((seat) => seat !== undefined);

const verbs = {
  /** Brings people in, `width` at a time, or one every `everyMs`. */
  async arrive({
    url,
    from,
    count,
    tenantSize,
    width,
    everyMs = 0,
  }: Group & { readonly width: number; readonly everyMs?: number }): Promise<Arrivals> {
    const startedAt = now();
    const taken: number[] = [];
    const refused: Record<string, number> = {};
    await inTurns(Array.from({ length: count }), width, async (_, index) => {
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, startedAt + index * everyMs - now())));
      const dialled = now();
      const why = await arrive(url, from + index, tenantSize);
      if (why === undefined) taken.push(now() - dialled);
      else refused[why] = (refused[why] ?? 0) + 1;
    });
    return { latency: percentiles(taken), refused };
  },

  /** Says `perSecond` messages of `bytes` for a while, spread over the scopes; each by its own speaker. */
  async speak({
    speakers,
    perSecond,
    seconds,
    bytes,
  }: {
    readonly speakers: readonly { readonly number: number; readonly scope: string }[];
    readonly perSecond: number;
    readonly seconds: number;
    readonly bytes: number;
  }): Promise<number> {
    const startedAt = now();
    const filling = '\u{1F4AC}'.repeat(bytes / 4);
    let said = 0;
    while (said < perSecond * seconds) {
      const due = Math.min(perSecond * seconds, Math.floor(((now() - startedAt) / 1_000) * perSecond) + 1);
      for (; said < due; said++) {
        const { number, scope } = speakers[said % speakers.length] as (typeof speakers)[number];
        const body = `@${now()} ${filling}`;
        const data = { scope, body };
        seats
          .get(number)
          ?.socket.send(JSON.stringify({ type: 'chat.send', op_id: `${number}-${said}-${startedAt}`, data }));
      }
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    return said;
  },

  /** Latencies of what was heard since the last time somebody asked. */
  heard(_: undefined): { readonly latency: Percentiles; readonly received: number } {
    const answer = { latency: percentiles(latencies), received };
    latencies = [];
    received = 0;
    return answer;
  },

  /** Each of those latencies, in milliseconds, where several times are looked at together. */
  latencies(_: undefined): readonly number[] {
    const answer = latencies;
    latencies = [];
    received = 0;
    return answer;
  },

  /** These people stop reading, or go on. */
  read({
    from,
    count,
    reading,
  }: {
    readonly from: number;
    readonly count: number;
    readonly reading: boolean;
  }) {
    for (const { socket } of members(from, count)) {
      if (reading) socket.resume();
      else socket.pause();
    }
  },

  /** How the connections of these people stand: `open`, or with which code they ended. */
  standing({ from, count }: { readonly from: number; readonly count: number }): Record<string, number> {
    const standing: Record<string, number> = {};
    for (const { closed } of members(from, count)) {
      const how = closed === undefined ? 'open' : `close ${closed}`;
      standing[how] = (standing[how] ?? 0) + 1;
    }
    return standing;
  },

  /** Everybody leaves. */
  async leave(_: undefined): Promise<void> {
    const gone = [...seats.values()].map(
      ({ socket, closed }) =>
        new Promise<void>((resolve) => {
          if (closed !== undefined) return resolve();
          socket.once('close', () => resolve());
          socket.close(1000);
        }),
    );
    await Promise.all(gone);
    seats.clear();
  },

  /** Opens hostile sockets and tells how long the last of them lasted. */
  async besiege(hostile: Hostile): Promise<SiegeReport> {
    const siege = new Siege(() => connect(hostile.port, '127.0.0.1'), now);
    return siege.run(hostile);
  },
};

export type RawCrowd = typeof verbs;
offer(verbs);
