import type { RequestType } from '@goconnect/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Chance, runSeed } from '../testing/chance.js';
import { effort } from '../testing/effort.js';
import { Allowance, type Grant } from './allowance.js';
import type { Rate } from './gateway-settings.js';
import { KeyedRates } from './keyed-rates.js';
import { StubSocket } from './testing/stub-socket.js';
import { type Person, TestServer } from './testing/test-server.js';

// Rate limits against an oracle that looks at everything that ever happened, each time anew (A6.2, A2.4).

const SEED = runSeed();
const TRACES = effort({ test: 1_000, ci: 10_000, prove: 200_000 });
const SERVER_TRACES = effort({ test: 8, ci: 150, prove: 5_000 });
const MINUTE = 60_000;

/** Times of what took a place. Nothing is ever forgotten: each question counts from the beginning. */
class Oracle {
  readonly taken: number[] = [];

  constructor(readonly rate: Rate) {}

  inWindow(now: number): number[] {
    return this.taken.filter((time) => time > now - this.rate.windowMs && time <= now);
  }

  /** Milliseconds until there is a place, by trying each moment at which one falls out of the window. */
  waitMs(now: number): number {
    if (this.inWindow(now).length < this.rate.limit) return 0;
    const moments = this.taken.map((time) => time + this.rate.windowMs).filter((moment) => moment > now);
    const first = moments.sort((a, b) => a - b).find((moment) => this.at(moment) < this.rate.limit);
    return Math.ceil((first ?? Number.NaN) - now);
  }

  /** How many would be in the window at a later moment if nothing else came. */
  at(moment: number): number {
    return this.taken.filter((time) => time > moment - this.rate.windowMs).length;
  }

  remove(time: number): void {
    this.taken.splice(this.taken.indexOf(time), 1);
  }
}

/** No window, wherever it begins, holds more than the limit. */
function expectNoWindowOver({ limit, windowMs }: Rate, accepted: readonly number[]): void {
  const times = [...accepted].sort((a, b) => a - b);
  for (const [index, time] of times.entries()) {
    const oneTooMany = times[index + limit];
    if (oneTooMany !== undefined && oneTooMany - time < windowMs)
      throw new Error(`${limit + 1} within ${oneTooMany - time} ms from ${time} on`);
  }
}

/** `expect` would take most of the time of a million questions. */
function same<T>(found: T, expected: T, about: string): void {
  if (found !== expected) expect({ about, found }).toEqual({ about, found: expected });
}

/** Quarters of milliseconds: as fine as need be, and exact in a double. */
const quarters = (ms: number) => Math.round(ms * 4) / 4;

/** Gaps as bursts, steady clients, pauses, and those who come back just before, at and after the time they were told. */
function nextGap(chance: Chance, windowMs: number, limit: number, told: number): number {
  switch (chance.below(8)) {
    case 0:
    case 1:
    case 2:
      return 0;
    case 3:
      return quarters((chance.next() * 3 * windowMs) / limit);
    case 4:
      return quarters(chance.next() * windowMs * 1.2);
    case 5:
      return Math.max(0, told - 1 + chance.below(3));
    case 6:
      return told;
    default:
      return 0.25 * chance.below(5);
  }
}

const TYPES: readonly RequestType[] = [
  'chat.send',
  'chat.send',
  'room.leave',
  'presence.ping',
  'session.resume',
];
const LIMITS: readonly Rate[] = [
  { limit: 100, windowMs: MINUTE },
  { limit: 100, windowMs: MINUTE },
  { limit: 1, windowMs: 1_000 },
  { limit: 7, windowMs: 5_000 },
];

const ORDINARY = ['new', 'new', 'new', 'repeat', 'rate_limited'] as const;
const REPEATED = ['repeat', 'repeat', 'repeat', 'repeat', 'new'] as const;

/** One connection's life: everything it asks for, judged by oracles. Returns how many messages it asked for. */
function playAllowance(chance: Chance): number {
  const rate = chance.pick(LIMITS);
  const allowance = new Allowance(rate);
  const oracles = {
    messages: new Oracle(rate),
    pings: new Oracle({ limit: 1, windowMs: 1_000 }),
    resumes: new Oracle({ limit: 10, windowMs: MINUTE }),
    repeats: new Oracle({ limit: 200, windowMs: MINUTE }),
  };
  let held: {
    readonly at: number;
    readonly settle: (turnedOut: 'new' | 'repeat' | 'rate_limited', now: number) => void;
  }[] = [];
  const finished: number[] = [];
  let now = quarters(chance.next() * 1e6);
  let told = 0;
  // Some repeat everything, and use up what there is for repeats.
  const repeater = chance.once(10);
  const outcomes = repeater ? REPEATED : ORDINARY;
  const asks = 20 + chance.below(rate.limit * (repeater ? 9 : 3));

  const settle = (one: (typeof held)[number]) => {
    held = held.filter((other) => other !== one);
    const turnedOut = chance.pick(outcomes);
    one.settle(turnedOut, now);
    const moves = turnedOut === 'repeat' && oracles.repeats.waitMs(now) === 0;
    if (moves) oracles.repeats.taken.push(now);
    if (moves || turnedOut === 'rate_limited') oracles.messages.remove(one.at);
    else finished.push(one.at);
  };

  const judge = (type: RequestType, waitMs: number, grant: Grant): void => {
    const budget = type === 'presence.ping' ? 'pings' : type === 'session.resume' ? 'resumes' : 'messages';
    const expected = oracles[budget].waitMs(now);
    const answered = grant.kind === 'granted' ? 0 : grant.retryAfterMs;
    same(waitMs, expected, type);
    same(answered, expected, type);
    told = answered;
    if (grant.kind === 'granted') {
      oracles[budget].taken.push(now);
      if (budget === 'messages') held.push({ at: now, settle: grant.settle });
      return;
    }
    const repeats = type === 'chat.send' && oracles.repeats.waitMs(now) === 0;
    same(grant.kind, repeats ? 'repeat_only' : 'refused', type);
    if (repeats) oracles.repeats.taken.push(now);
  };

  for (let ask = 0; ask < asks; ask++) {
    if (!repeater || chance.once(20)) now += nextGap(chance, rate.windowMs, rate.limit, told);
    const type = chance.pick(TYPES);
    judge(type, allowance.waitMs(type, now), allowance.ask(type, now));
    while (held.length > 0 && chance.once(2)) settle(chance.pick(held));
  }
  for (const one of [...held]) settle(one);
  expectNoWindowOver(rate, finished);
  expectNoWindowOver(oracles.repeats.rate, oracles.repeats.taken);
  return asks;
}

/** Several rooms, or addresses, at random. */
function playKeyed(chance: Chance): number {
  const rate = chance.pick(LIMITS);
  const rates = new KeyedRates(rate, 1_000);
  const oracles = new Map(['a', 'b', 'c'].map((key) => [key, new Oracle(rate)]));
  let now = quarters(chance.next() * 1e6);
  let told = 0;
  const asks = 20 + chance.below(rate.limit * 4);
  for (let ask = 0; ask < asks; ask++) {
    now += nextGap(chance, rate.windowMs, rate.limit, told);
    const [key, oracle] = chance.pick([...oracles]);
    const place = rates.take(key, now);
    told = place.kind === 'wait' ? place.retryAfterMs : 0;
    same(told, oracle.waitMs(now), key);
    if (place.kind === 'wait') continue;
    if (chance.once(10)) place.giveBack();
    else oracle.taken.push(now);
  }
  for (const { taken } of oracles.values()) expectNoWindowOver(rate, taken);
  return asks;
}

function playAll(traces: number, play: (chance: Chance) => number): number {
  let asks = 0;
  for (let trace = 0; trace < traces; trace++) {
    const seed = SEED + trace;
    try {
      asks += play(new Chance(seed));
    } catch (error) {
      throw new Error(`with GOCONNECT_SEED=${seed}: ${error instanceof Error ? error.message : error}`, {
        cause: error,
      });
    }
  }
  return asks;
}

describe('rate limits in random traces (A6.2)', () => {
  it(
    `admit never one too many and refuse nobody wrongly: ${TRACES} connections`,
    () => {
      const asks = playAll(TRACES, playAllowance);
      console.log(`rate limits: ${TRACES} traces of one connection, ${asks} requests, seed ${SEED}`);
    },
    TRACES * 20 + 15_000,
  );

  it(
    `of rooms and addresses do so each by itself: ${TRACES} traces`,
    () => {
      playAll(TRACES, playKeyed);
    },
    TRACES * 20 + 15_000,
  );
});

describe('the server in random traces, while its wall clock jumps', () => {
  let server: TestServer;
  let ada: Person;
  beforeAll(async () => {
    server = await TestServer.start({ settings: { networkRate: { limit: 30, windowMs: MINUTE } } });
    ada = await server.person('ada');
  });
  afterAll(() => server.stop());

  /** `code` of the answer, and when to come back. */
  async function ask(socket: StubSocket, opId: string, type: string, data: object): Promise<number> {
    socket.writes.length = 0;
    socket.inbound?.text(JSON.stringify({ type, op_id: opId, data }));
    const answer = await socket.answer(opId);
    if (!answer.error) return 0;
    expect(answer.error.code).toBe('ERR_RATE_LIMIT');
    return Number(answer.error.details.retry_after_ms);
  }

  async function play(chance: Chance): Promise<void> {
    const socket = new StubSocket();
    await socket.enter(server, ada);
    const scope = `network:${(await server.network(ada)).id}`;
    // Entering took one message.
    const mine = new Oracle({ limit: 100, windowMs: MINUTE });
    mine.taken.push(server.clock.monotonic());
    const network = new Oracle({ limit: 30, windowMs: MINUTE });
    let told = 0;
    for (let count = 0; count < 160; count++) {
      if (chance.once(4)) server.clock.stepWall((chance.next() - 0.5) * 2 * 86_400_000);
      await server.clock.advance(nextGap(chance, MINUTE, 100, told) / 4);
      const now = server.clock.monotonic();
      const toNetwork = chance.once(3);
      told = toNetwork
        ? await ask(socket, `op-${count}`, 'chat.send', { scope, body: 'x' })
        : await ask(socket, `op-${count}`, 'room.leave', { room: 'tenant:nowhere' });
      const expected = Math.max(mine.waitMs(now), toNetwork ? network.waitMs(now) : 0);
      expect(told).toBe(expected);
      if (told > 0) continue;
      mine.taken.push(now);
      if (toNetwork) network.taken.push(now);
    }
    expectNoWindowOver(mine.rate, mine.taken);
    expectNoWindowOver(network.rate, network.taken);
    socket.inbound?.closed(1000);
  }

  it(
    `accepts exactly what it may, and a retry at the time it told is accepted (A2.4): ${SERVER_TRACES} connections`,
    async () => {
      for (let trace = 0; trace < SERVER_TRACES; trace++) {
        const chance = new Chance(SEED + trace);
        await play(chance).catch((error: unknown) => {
          throw new Error(`with GOCONNECT_SEED=${chance.seed}: ${error}`, { cause: error });
        });
      }
      console.log(`rate limits of the server: ${SERVER_TRACES} traces of 160 requests, seed ${SEED}`);
    },
    SERVER_TRACES * 1_000 + 15_000,
  );
});
